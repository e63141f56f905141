#include "trace/seized_task.h"

#include <csignal>
#include <utility>

#include "sys/ptrace.h"

namespace stasis::trace {

using sys::WaitEvent;

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
    static_cast<void>(sys::ptrace::interrupt(tid_));
    static_cast<void>(wait_alive());
  }
  static_cast<void>(sys::ptrace::detach(tid_));
  tid_ = HostPid{};
}

Result<WaitEvent> SeizedTask::wait_alive() {
  STASIS_ASSIGN(const WaitEvent event, sys::wait_for(tid_));
  if (std::holds_alternative<sys::Exited>(event) || std::holds_alternative<sys::Killed>(event)) {
    const HostPid gone = std::exchange(tid_, HostPid{});
    return fail(ErrorKind::kTaskDied, "task {} {}", gone.value, sys::to_string(event));
  }
  stopped_ = true;
  return event;
}

Result<void> SeizedTask::wait_stopped() {
  while (true) {
    STASIS_ASSIGN(const WaitEvent event, wait_alive());
    if (std::holds_alternative<sys::InterruptStop>(event)) return {};
    if (const auto* group = std::get_if<sys::GroupStop>(&event)) {
      group_stop_ = group->signal;
      return {};
    }
    if (std::holds_alternative<sys::SignalStop>(event)) {
      // The stop that was asked for stays pending in the kernel until the signal is dealt with:
      // detaching later with this signal would lose the order, so it is injected right away.
      const int signal = std::get<sys::SignalStop>(event).signal;
      STASIS_TRY(sys::ptrace::resume_with_signal(tid_, signal));
      continue;
    }
    STASIS_TRY(sys::ptrace::resume(tid_));
  }
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
  STASIS_TRY(sys::ptrace::interrupt(tid_));
  STASIS_TRY(sys::ptrace::resume(tid_));
  stopped_ = false;
  return wait_stopped();
}

Result<void> SeizedTask::detach() && {
  const HostPid tid = std::exchange(tid_, HostPid{});
  return sys::ptrace::detach(tid);
}

HostPid SeizedTask::release() && { return std::exchange(tid_, HostPid{}); }

}  // namespace stasis::trace
