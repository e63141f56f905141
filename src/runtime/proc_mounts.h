// What config.json may mount at and below the container's /proc: who covers parts of it with files
// of his own can make programs inside believe anything about the machine and their rights.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

enum class MountContent { kProcfs, kOther };

// Pure: by the text of the destination, in front of anything being made there.
Result<void> check_proc_destination(const std::string& destination, MountContent content);

// Remembers the container's procfs, and judges places that symlinks lead to.
class ProcGuard {
 public:
  explicit ProcGuard(int root_fd) : root_fd_(root_fd) {}

  // For a mount at `target_fd` (O_PATH), in front of its being attached. Whether it is inside of
  // the procfs: it has to be opened again then, as the kernel forgets /proc/net at each new look at
  // it.
  Result<bool> check_target(int target_fd, MountContent content) const;
  // After a mount: the container's procfs is that one from now on, if it is at /proc.
  Result<void> remember(const std::string& destination, int mount_fd);

 private:
  int root_fd_;
  UniqueFd proc_;
};

}  // namespace stasis::runtime
