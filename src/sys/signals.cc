#include "sys/signals.h"

#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> kill(HostPid pid, int signal) {
  if (::kill(pid.value, signal) != 0)
    return last_error("kill {} with signal {}", pid.value, signal);
  return {};
}

Result<sigset_t> set_signal_mask(const sigset_t& mask) {
  sigset_t before{};
  if (::sigprocmask(SIG_SETMASK, &mask, &before) != 0) return last_error("sigprocmask");
  return before;
}

Result<sigset_t> block_signals(const sigset_t& signals) {
  sigset_t before{};
  if (::sigprocmask(SIG_BLOCK, &signals, &before) != 0) return last_error("sigprocmask");
  return before;
}

bool has_default_action(int signal) {
  struct sigaction now {};
  return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
}

void reset_signal_actions() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler == SIG_DFL) continue;
    ::sigaction(signal, &standard, nullptr);
  }
}

Result<UniqueFd> open_signal_fd(const sigset_t& signals) {
  const int fd = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return last_error("signalfd");
  return UniqueFd(fd);
}

Result<std::optional<signalfd_siginfo>> read_signal_fd(int fd) {
  signalfd_siginfo info{};
  const ssize_t got = retry([&] { return ::read(fd, &info, sizeof(info)); });
  if (got == static_cast<ssize_t>(sizeof(info))) return info;
  if (got < 0 && errno != EAGAIN) return last_error("read signalfd {}", fd);
  return std::nullopt;
}

}  // namespace stasis::sys
