#include "sys/wait.h"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <csignal>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr int kSyscallFlag = 0x80;  // PTRACE_O_TRACESYSGOOD

Error wait_error(HostPid pid) {
  const int saved = errno;
  auto error = Error::from_errno(fmt::format("wait4 {}", pid.value), saved);
  if (saved == ECHILD) return std::move(error).as(ErrorKind::kTaskDied);
  return error;
}

struct Describe {
  std::string operator()(const Exited& e) const { return fmt::format("exited with {}", e.status); }
  std::string operator()(const Killed& e) const {
    return fmt::format("killed by signal {}", e.signal);
  }
  std::string operator()(const SignalStop& e) const {
    return fmt::format("stopped before signal {}", e.signal);
  }
  std::string operator()(const SyscallStop&) const { return "stopped at a system call"; }
  std::string operator()(const InterruptStop&) const { return "stopped by an interrupt"; }
  std::string operator()(const GroupStop& e) const {
    return fmt::format("stopped by job control signal {}", e.signal);
  }
  std::string operator()(const EventStop& e) const {
    return fmt::format("stopped by ptrace event {}", e.event);
  }
};

}  // namespace

WaitEvent decode_wait(int status) {
  if (WIFEXITED(status)) return Exited{WEXITSTATUS(status)};
  if (WIFSIGNALED(status)) return Killed{WTERMSIG(status)};
  const int signal = WSTOPSIG(status);
  const int event = status >> 16;
  if (event == PTRACE_EVENT_STOP) {
    if (signal == SIGTRAP) return InterruptStop{};
    return GroupStop{signal};
  }
  if (event != 0) return EventStop{event};
  if (signal == (SIGTRAP | kSyscallFlag)) return SyscallStop{};
  return SignalStop{signal};
}

std::string to_string(const WaitEvent& event) { return std::visit(Describe{}, event); }

Result<WaitEvent> wait_for(HostPid pid) {
  int status = 0;
  if (retry([&] { return ::waitpid(pid.value, &status, __WALL); }) < 0) return wait_error(pid);
  return decode_wait(status);
}

Result<std::optional<WaitEvent>> poll_wait(HostPid pid) {
  int status = 0;
  const pid_t got = retry([&] { return ::waitpid(pid.value, &status, __WALL | WNOHANG); });
  if (got < 0) return wait_error(pid);
  if (got == 0) return std::optional<WaitEvent>();
  return std::optional<WaitEvent>(decode_wait(status));
}

}  // namespace stasis::sys
