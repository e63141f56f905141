#include "sys/child_process.h"

#include <algorithm>
#include <csignal>

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

ExitStatus decode_exit(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {.code = info.si_status};
  return {.signal = info.si_status};
}

}  // namespace

Result<HostPid> clone_process(std::uint64_t flags, const CloneOptions& options) {
  const auto& number = options.number;
  clone_args args{};
  args.flags = flags;
  if (options.cgroup_fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(options.cgroup_fd);
  }
  pid_t wanted = 0;
  if (number) {
    wanted = number->value;
    args.set_tid = reinterpret_cast<std::uint64_t>(&wanted);
    args.set_tid_size = 1;
  }
  // With CLONE_PARENT the child gets the caller's own exit signal, and naming one is EINVAL.
  if ((flags & CLONE_PARENT) == 0) args.exit_signal = SIGCHLD;
  const long pid = ::syscall(SYS_clone3, &args, sizeof(args));
  if (pid < 0 && number) return last_error("clone3 flags {:#x} pid {}", flags, wanted);
  if (pid < 0) return last_error("clone3 flags {:#x}", flags);
  return HostPid{static_cast<pid_t>(pid)};
}

Result<HostPid> fork_process() {
  const pid_t pid = ::fork();
  if (pid < 0) return last_error("fork");
  return HostPid{pid};
}

Result<UniqueFd> pidfd_open(HostPid pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid.value, 0);
  if (fd < 0) return last_error("pidfd_open {}", pid.value);
  return UniqueFd(static_cast<int>(fd));
}

Result<void> pidfd_send_signal(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0) {
    return last_error("pidfd_send_signal {}", signal);
  }
  return {};
}

bool pidfd_has_ended(int pidfd) {
  pollfd watched{.fd = pidfd, .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, 0) == 1;
}

Result<ExitStatus> wait_for_exit(HostPid pid) {
  siginfo_t info{};
  const int result =
      retry([&] { return ::waitid(P_PID, static_cast<id_t>(pid.value), &info, WEXITED | __WALL); });
  if (result != 0) return last_error("waitid {}", pid.value);
  return decode_exit(info);
}

Result<ExitStatus> reap_until_exit(HostPid pid) {
  while (true) {
    // It may be reaped by now, by whoever traced it; then only the others would be waited for.
    STASIS_ASSIGN(const auto ended, reap_if_ended(pid));
    if (ended) return *ended;
    siginfo_t info{};
    const int result = retry([&] { return ::waitid(P_ALL, 0, &info, WEXITED | __WALL); });
    if (result != 0) return last_error("waitid for {} and others", pid.value);
    if (info.si_pid == pid.value) return decode_exit(info);
  }
}

Result<std::optional<ExitStatus>> reap_if_ended(HostPid pid) {
  siginfo_t info{};
  const int result = retry([&] {
    return ::waitid(P_PID, static_cast<id_t>(pid.value), &info, WEXITED | WNOHANG | __WALL);
  });
  if (result != 0) return last_error("waitid {}", pid.value);
  if (info.si_pid == 0) return std::nullopt;
  return decode_exit(info);
}

std::optional<std::pair<HostPid, ExitStatus>> reap_any() {
  siginfo_t info{};
  const int result = retry([&] { return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL); });
  if (result != 0 || info.si_pid == 0) return std::nullopt;
  return std::pair{HostPid{info.si_pid}, decode_exit(info)};
}

Error execute(const char* path, char* const* argv, char* const* envp) {
  ::execve(path, argv, envp);
  return last_error("execve '{}'", path);
}

Error execute_fd(int fd, char* const* argv, char* const* envp) {
  ::syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
  return last_error("execveat {}", fd);
}

Result<void> close_all_from(unsigned first, unsigned kept) {
  if (kept > first && ::syscall(SYS_close_range, first, kept - 1, 0) != 0) {
    return last_error("close_range from {} to {}", first, kept - 1);
  }
  const unsigned rest = std::max(first, kept + 1);
  if (::syscall(SYS_close_range, rest, ~0U, 0) != 0) return last_error("close_range from {}", rest);
  return {};
}

Result<bool> is_inherited_fd(int fd) {
  const int flags = ::fcntl(fd, F_GETFD);
  if (flags < 0 && errno == EBADF) return false;
  if (flags < 0) return last_error("fcntl fd {}", fd);
  return (flags & FD_CLOEXEC) == 0;
}

Result<void> set_close_on_exec(int fd, int on) {
  if (::fcntl(fd, F_SETFD, on != 0 ? FD_CLOEXEC : 0) != 0) return last_error("fcntl fd {}", fd);
  return {};
}

Result<void> duplicate_onto(int fd, int target) {
  if (fd == target) return set_close_on_exec(fd, 0);
  if (retry([&] { return ::dup2(fd, target); }) < 0) return last_error("dup2 {} to {}", fd, target);
  return {};
}

}  // namespace stasis::sys
