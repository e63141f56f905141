#include "runtime/worker.h"

#include <array>
#include <csignal>
#include <optional>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "base/log.h"
#include "runtime/worker_report.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

constexpr std::array kEndingSignals{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

// The read end of the worker's own pipe: at its end when the command is gone, or wants no more.
Result<void> is_wanted(int pipe) {
  pollfd watched{.fd = pipe, .events = POLLIN, .revents = 0};
  if (::poll(&watched, 1, 0) == 0) return {};
  return fail(ErrorKind::kInterrupted, "interrupted; the container goes on");
}

[[noreturn]] void work(const Job& job, const UniqueFd& wanted, const UniqueFd& report) {
  sigset_t all{};
  sigfillset(&all);
  static_cast<void>(sys::set_signal_mask(all));
  static_cast<void>(sys::set_sid());
  const auto result = job([&] { return is_wanted(wanted.get()); });
  // Fails when the command is gone: then there is nobody to tell.
  static_cast<void>(sys::write_all(report.get(), encode_report(result)));
  ::_exit(0);
}

// Signals that would end this program wait while this lives; those that it ignores (nohup) are left
// alone.
class HeldSignals {
 public:
  static Result<HeldSignals> hold() {
    sigset_t signals{};
    for (const int signal : kEndingSignals) {
      if (sys::has_default_action(signal)) sigaddset(&signals, signal);
    }
    STASIS_ASSIGN(const sigset_t before, sys::block_signals(signals));
    HeldSignals held(before);
    STASIS_ASSIGN(held.fd_, sys::open_signal_fd(signals));
    return held;
  }
  HeldSignals(HeldSignals&& other) noexcept
      : fd_(std::move(other.fd_)), before_(std::exchange(other.before_, std::nullopt)) {}
  HeldSignals& operator=(HeldSignals&&) = delete;
  ~HeldSignals() {
    if (before_) static_cast<void>(sys::set_signal_mask(*before_));
  }

  // Readable once one is pending.
  int fd() const { return fd_.get(); }
  // Takes those that came off the queue.
  void forget() {
    while (true) {
      const auto taken = sys::read_signal_fd(fd_.get());
      if (!taken || !*taken) return;
    }
  }
  // They stay blocked after this.
  void keep() { before_.reset(); }

 private:
  explicit HeldSignals(const sigset_t& before) : before_(before) {}

  UniqueFd fd_;
  std::optional<sigset_t> before_;
};

// Reads until the worker closes its end. The first signal gives up `wanted`.
Result<std::string> receive(int report, int signals, UniqueFd& wanted) {
  std::string bytes;
  while (true) {
    std::array<pollfd, 2> watched{pollfd{report, POLLIN, 0},
                                  pollfd{wanted ? signals : -1, POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) {
      log(LogLevel::kInfo, "interrupted: putting the container back as it was");
      wanted.reset();
    }
    if (watched[0].revents == 0) continue;
    std::array<std::byte, 4096> buffer{};
    STASIS_ASSIGN(const std::size_t got, sys::read_some(report, buffer));
    if (got == 0) return bytes;
    bytes.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
}

Error died(const sys::ExitStatus& status) {
  if (status.signal != 0) {
    return fail(ErrorKind::kTaskDied, "the worker process was killed by signal {}", status.signal);
  }
  return fail(ErrorKind::kTaskDied, "the worker process ended with status {} and no report",
              status.code);
}

}  // namespace

Result<std::string> run_in_worker(const Job& job) {
  STASIS_ASSIGN(sys::PipeFds wanted, sys::make_pipe());
  STASIS_ASSIGN(sys::PipeFds report, sys::make_pipe());
  STASIS_ASSIGN(HeldSignals signals, HeldSignals::hold());
  STASIS_ASSIGN(const HostPid worker, sys::fork_process());
  if (worker.value == 0) {
    wanted.write_end.reset();
    report.read_end.reset();
    work(job, wanted.read_end, report.write_end);
  }
  wanted.read_end.reset();
  report.write_end.reset();
  STASIS_ASSIGN(const std::string bytes,
                receive(report.read_end.get(), signals.fd(), wanted.write_end));
  STASIS_ASSIGN(const sys::ExitStatus status, sys::wait_for_exit(worker));
  auto result = decode_report(bytes);
  if (!result) return died(status);
  if (!*result && result->error().kind() == ErrorKind::kInterrupted) {
    signals.keep();
  } else {
    signals.forget();  // too late a signal does not hide what has been done
  }
  return std::move(*result);
}

void end_by_pending_signal() {
  sigset_t none{};
  static_cast<void>(sys::set_signal_mask(none));
}

}  // namespace stasis::runtime
