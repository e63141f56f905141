#include "ns/copied_mount.h"

#include <sched.h>

#include <thread>

#include "sys/mounting.h"
#include "sys/namespace.h"

namespace stasis::ns {

// In a thread of its own: joining a mount namespace takes root and working directory with it, and
// the way back would not lead to the same ones.
Result<UniqueFd> copy_mount(int mount_ns_fd, int fd) {
  Result<UniqueFd> copy = UniqueFd();
  const auto enter_and_copy = [&]() -> Result<UniqueFd> {
    STASIS_TRY(sys::unshare(CLONE_FS));
    STASIS_TRY(sys::set_ns(mount_ns_fd, CLONE_NEWNS));
    return sys::clone_mount(fd, "", sys::Recursion::kThisMount);
  };
  std::thread([&] { copy = enter_and_copy(); }).join();
  return copy;
}

}  // namespace stasis::ns
