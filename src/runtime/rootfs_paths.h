// Paths inside a root file system that the container may have prepared to mislead: every step is
// resolved by the kernel with openat2(2) RESOLVE_IN_ROOT.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

enum class NodeType { kDirectory, kFile };

// An O_PATH descriptor of `path`, made (0755 or 0644, parents 0755) when it does not exist.
// Dangling symlinks are followed inside the root, and what they name is made.
Result<UniqueFd> open_or_make(int root_fd, const std::string& path, NodeType type);

// The same for what must be there under its own name, not through a symlink of that name: ELOOP.
// What has the name may be of another type.
Result<UniqueFd> open_or_make_own(int root_fd, const std::string& path, NodeType type);
// An O_PATH descriptor, empty when there is nothing of that name.
Result<UniqueFd> open_if_exists(int root_fd, const std::string& path);

// The same file on the same mount.
Result<bool> is_same_place(int one_fd, int other_fd);

// What of `path` is below `directory`, "." for itself; both absolute, compared by their text.
std::optional<std::string> path_below(const std::string& path, const std::string& directory);

struct ParentAndName {
  UniqueFd parent;
  std::string name;
};
// The directory that `path` is in, made when missing, and its last component, which is not "..".
Result<ParentAndName> open_parent(int root_fd, const std::string& path);

}  // namespace stasis::runtime
