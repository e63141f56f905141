// The root file system's own mount and the mounts of config.json on top of it. Runs in the child,
// in the container's mount namespace, before the change of root.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/environment.h"
#include "runtime/proc_mounts.h"

namespace stasis::runtime {

// Cuts the namespace's propagation towards the host and mounts the root file system over its own
// directory. Gives the root of that mount, through which everything below is reached.
Result<UniqueFd> mount_root(const Environment& environment);

// Performs the mounts in order. A mount that is to be read-only becomes so in make_read_only():
// later mounts, devices and the console may need places made in it.
class MountedTree {
 public:
  static Result<MountedTree> apply(const Environment& environment, const PreparedMounts& prepared,
                                   int root_fd);
  Result<void> make_read_only() const;

  // What a path names in the /proc or /sys that was mounted here, reached through that mount
  // itself: whoever shares the root file system can rename its mount point meanwhile. Empty when
  // the path is in neither, or does not exist.
  Result<UniqueFd> open_in_kernel_mount(const std::string& path) const;

 private:
  struct Placed {
    std::string destination;
    UniqueFd kernel_mount;  // of type proc or sysfs, else empty
  };
  Result<void> place(const Environment& environment, const PreparedMounts& prepared,
                     std::size_t index, int root_fd);

  explicit MountedTree(int root_fd) : proc_guard_(root_fd) {}

  ProcGuard proc_guard_;
  std::vector<Placed> placed_;
  std::vector<UniqueFd> pending_read_only_;
};

}  // namespace stasis::runtime
