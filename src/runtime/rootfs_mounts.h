// The root file system's own mount and the mounts of config.json on top of it. Runs in the child,
// in the container's mount namespace, before the change of root.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/environment.h"

namespace stasis::runtime {

// Cuts the namespace's propagation towards the host and mounts the root file system over its own
// directory. Gives the root of that mount, through which everything below is reached.
Result<UniqueFd> mount_root(const Environment& environment);

// Performs the mounts in order. A mount that is to be read-only becomes so in make_read_only():
// later mounts, devices and the console may need places made in it.
class MountedTree {
 public:
  static Result<MountedTree> apply(const Environment& environment, int root_fd);
  Result<void> make_read_only() const;

 private:
  std::vector<UniqueFd> pending_read_only_;
};

}  // namespace stasis::runtime
