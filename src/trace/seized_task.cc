#include "trace/seized_task.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "sys/ptrace.h"

namespace stasis::trace {

using sys::WaitEvent;

namespace {

constexpr std::chrono::milliseconds kPatience(100);

}  // namespace

Result<SeizedTask> SeizedTask::seize(HostPid tid, unsigned options) {
  STASIS_TRY(sys::ptrace::seize(tid, options));
  SeizedTask task(tid);
  STASIS_TRY(sys::ptrace::interrupt(tid));
  return task;
}

SeizedTask::SeizedTask(SeizedTask&& other) noexcept
    : tid_(std::exchange(other.tid_, HostPid{})),
      stopped_(other.stopped_),
      group_stop_(other.group_stop_) {}

SeizedTask& SeizedTask::operator=(SeizedTask&& other) noexcept {
  if (this != &other) {
    let_go();
    tid_ = std::exchange(other.tid_, HostPid{});
    stopped_ = other.stopped_;
    group_stop_ = other.group_stop_;
  }
  return *this;
}

SeizedTask::~SeizedTask() { let_go(); }

void SeizedTask::let_go() noexcept {
  if (tid_.value == 0) return;
  if (!stopped_) {
    // One that does not stop in time is left to the kernel, which detaches it when the tracer ends.
    static_cast<void>(sys::ptrace::interrupt(tid_));
    static_cast<void>(wait_stopped(std::chrono::steady_clock::now() + kPatience));
  }
  if (tid_.value != 0 && !sys::ptrace::detach(tid_)) reap_quietly();
  tid_ = HostPid{};
}

// One that was killed stays a zombie until its tracer has seen it: whoever waits for its parent,
// the init of a pid namespace, would wait for ever. A thread group leader is seen after all others.
void SeizedTask::reap_quietly() noexcept {
  static_cast<void>(wait_alive_until(std::chrono::steady_clock::now() + kPatience));
}

Result<WaitEvent> SeizedTask::accept(const WaitEvent& event) {
  if (std::holds_alternative<sys::Exited>(event) || std::holds_alternative<sys::Killed>(event)) {
    const HostPid gone = std::exchange(tid_, HostPid{});
    return fail(ErrorKind::kTaskDied, "task {} {}", gone.value, sys::to_string(event));
  }
  stopped_ = true;
  return event;
}

Result<WaitEvent> SeizedTask::wait_alive() {
  STASIS_ASSIGN(const WaitEvent event, sys::wait_for(tid_));
  return accept(event);
}

// A stop takes microseconds when it comes at all, so that polling is both quick and cheap; a timed
// wait for one pid does not exist.
Result<WaitEvent> SeizedTask::wait_alive_until(std::chrono::steady_clock::time_point deadline) {
  constexpr std::chrono::microseconds kLongestPause(500);
  for (std::chrono::microseconds pause(5);; pause = std::min(pause * 2, kLongestPause)) {
    STASIS_ASSIGN(const std::optional<WaitEvent> event, sys::poll_wait(tid_));
    if (event) return accept(*event);
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorKind::kTimeout, "task {} does not stop", tid_.value);
    }
    std::this_thread::sleep_for(pause);
  }
}

// Any stop takes back the one that was asked for before it (ptrace_stop() in kernel/signal.c).
Result<void> SeizedTask::interrupt_and_resume(int signal) {
  stopped_ = false;
  STASIS_TRY(sys::ptrace::interrupt(tid_));
  return sys::ptrace::resume_with_signal(tid_, signal);
}

Result<void> SeizedTask::wait_stopped(std::chrono::steady_clock::time_point deadline) {
  while (!stopped_) {
    STASIS_ASSIGN(const WaitEvent event, wait_alive_until(deadline));
    if (std::holds_alternative<sys::InterruptStop>(event)) return {};
    if (const auto* group = std::get_if<sys::GroupStop>(&event)) {
      group_stop_ = group->signal;
      return {};
    }
    const auto* signal = std::get_if<sys::SignalStop>(&event);
    auto resumed = interrupt_and_resume(signal != nullptr ? signal->signal : 0);
    // Of one that was killed, the end is the next event.
    if (!resumed && resumed.error().kind() != ErrorKind::kTaskDied) return resumed;
  }
  return {};
}

Result<WaitEvent> SeizedTask::resume_and_wait() {
  STASIS_TRY(sys::ptrace::resume(tid_));
  stopped_ = false;
  return wait_alive();
}

Result<WaitEvent> SeizedTask::resume_to_syscall_and_wait() {
  STASIS_TRY(sys::ptrace::resume_to_syscall(tid_));
  stopped_ = false;
  return wait_alive();
}

Result<void> SeizedTask::settle() {
  STASIS_TRY(interrupt_and_resume(0));
  return wait_stopped();
}

Result<bool> SeizedTask::poll_death() {
  while (true) {
    auto event = sys::poll_wait(tid_);
    if (!event) {
      if (event.error().kind() != ErrorKind::kTaskDied) return std::move(event.error());
      tid_ = HostPid{};
      return true;
    }
    if (!*event) return false;
    if (!accept(**event)) return true;
    STASIS_TRY(sys::ptrace::resume(tid_));
    stopped_ = false;
  }
}

Result<void> SeizedTask::detach() && {
  auto detached = sys::ptrace::detach(tid_);
  if (!detached && detached.error().kind() == ErrorKind::kTaskDied) reap_quietly();
  tid_ = HostPid{};
  return detached;
}

HostPid SeizedTask::release() && { return std::exchange(tid_, HostPid{}); }

}  // namespace stasis::trace
