// Paths inside a root file system that the container may have prepared to mislead: every step is
// resolved by the kernel with openat2(2) RESOLVE_IN_ROOT.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

enum class NodeType { kDirectory, kFile };

// An O_PATH descriptor of `path`, made (0755 or 0644, parents 0755) when it does not exist.
// Dangling symlinks are followed inside the root, and what they name is made.
Result<UniqueFd> open_or_make(int root_fd, const std::string& path, NodeType type);

struct ParentAndName {
  UniqueFd parent;
  std::string name;
};
// The directory that `path` is in, made when missing, and its last component.
Result<ParentAndName> open_parent(int root_fd, const std::string& path);

}  // namespace stasis::runtime
