#include "runtime/supervise.h"

#include <array>
#include <csignal>
#include <optional>

#include <poll.h>

#include "runtime/console.h"
#include "sys/child_process.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

// Reaps everything that has ended; the status of `child` when it was among them.
std::optional<int> reap(HostPid child) {
  std::optional<int> status;
  while (const auto ended = sys::reap_any()) {
    if (ended->first == child) status = ended->second.as_shell();
  }
  return status;
}

class Supervisor {
 public:
  Supervisor(const SignalForwarding& signals, HostPid child, std::optional<TerminalProxy> proxy)
      : signals_(signals), child_(child), proxy_(std::move(proxy)) {}

  Result<int> run() {
    // The child may have ended before its SIGCHLD could be seen here.
    if (const auto ended = reap(child_)) return finish(*ended);
    while (true) {
      std::array<pollfd, 3> watched{
          pollfd{signals_.fd(), POLLIN, 0},
          pollfd{proxy_ && output_open_ ? proxy_->master_fd() : -1, POLLIN, 0},
          pollfd{proxy_ ? proxy_->input_fd() : -1, POLLIN, 0}};
      if (::poll(watched.data(), watched.size(), -1) < 0) continue;
      if (watched[1].revents != 0) output_open_ = proxy_->copy_output();
      if (watched[2].revents != 0) proxy_->copy_input();
      if (watched[0].revents == 0) continue;
      STASIS_ASSIGN(const auto ended, take_signals());
      if (ended) return finish(*ended);
    }
  }

 private:
  Result<std::optional<int>> take_signals() {
    std::optional<int> ended;
    while (true) {
      STASIS_ASSIGN(const auto info, sys::read_signal_fd(signals_.fd()));
      if (!info) return ended;
      const int signal = static_cast<int>(info->ssi_signo);
      if (signal == SIGCHLD) {
        if (const auto status = reap(child_)) ended = status;
      } else if (signal == SIGWINCH && proxy_) {
        proxy_->resize();
      } else if (!ended) {
        static_cast<void>(sys::kill(child_, signal));
      }
    }
  }

  int finish(int status) {
    if (proxy_) proxy_->drain();
    return status;
  }

  const SignalForwarding& signals_;
  HostPid child_;
  std::optional<TerminalProxy> proxy_;
  bool output_open_ = true;
};

}  // namespace

Result<SignalForwarding> SignalForwarding::start() {
  sigset_t all{};
  sigfillset(&all);
  // Faults of this very program, and what only the program itself can be meant by.
  for (const int own : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGPIPE, SIGURG}) {
    sigdelset(&all, own);
  }
  SignalForwarding forwarding;
  STASIS_TRY(sys::set_signal_mask(all));
  STASIS_ASSIGN(forwarding.fd_, sys::open_signal_fd(all));
  return forwarding;
}

Result<int> supervise(const SignalForwarding& signals, HostPid child, UniqueFd console_master) {
  std::optional<TerminalProxy> proxy;
  if (console_master) {
    STASIS_ASSIGN(auto started, TerminalProxy::start(std::move(console_master)));
    proxy.emplace(std::move(started));
  }
  return Supervisor(signals, child, std::move(proxy)).run();
}

}  // namespace stasis::runtime
