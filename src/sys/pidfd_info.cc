#include "sys/pidfd_info.h"

#include <cstdint>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

// linux/pidfd.h of Linux 6.15; older headers lack it.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroupid;
  std::uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr std::uint64_t kInfoExit = std::uint64_t{1} << 3;      // PIDFD_INFO_EXIT
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);  // PIDFD_GET_INFO

}  // namespace

Result<ExitStatus> wait_for_pidfd(int pidfd) {
  // POLLIN comes at the end, POLLHUP once it is reaped.
  pollfd watched{.fd = pidfd, .events = 0, .revents = 0};
  while (true) {
    const int ready = retry([&] { return ::poll(&watched, 1, -1); });
    if (ready < 0) return last_error("poll pidfd {}", pidfd);
    if ((watched.revents & POLLHUP) != 0) break;
  }
  PidfdInfo info{};
  info.mask = kInfoExit;
  if (::ioctl(pidfd, kGetInfo, &info) != 0) {
    return last_error("ioctl PIDFD_GET_INFO").as(ErrorKind::kUnsupported);
  }
  if ((info.mask & kInfoExit) == 0) {
    return fail(ErrorKind::kUnsupported,
                "the kernel does not tell the exit status of others' children: Linux 6.15 does");
  }
  if (WIFSIGNALED(info.exit_code)) return ExitStatus{.signal = WTERMSIG(info.exit_code)};
  return ExitStatus{.code = WEXITSTATUS(info.exit_code)};
}

}  // namespace stasis::sys
