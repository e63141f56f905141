// One task (thread) that this process traces: PTRACE_SEIZE, stopped by PTRACE_INTERRUPT, given back
// by detach. Not here: running system calls in it (courier/courier.h).
#pragma once

#include <chrono>
#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "sys/wait.h"

namespace stasis::trace {

class SeizedTask {
 public:
  // Attaches and asks for a stop, without waiting for it. `options`: sys::ptrace::k... bits.
  // kTaskDied: it is gone, or a zombie.
  static Result<SeizedTask> seize(HostPid tid, unsigned options);
  // A task that the kernel attached (a new child of a task traced with kTraceForks).
  static SeizedTask adopt(HostPid tid) { return SeizedTask(tid); }

  SeizedTask(SeizedTask&& other) noexcept;
  SeizedTask& operator=(SeizedTask&& other) noexcept;
  // Interrupts the task if need be and detaches; quiet. A task that is dead is reaped.
  ~SeizedTask();

  HostPid tid() const { return tid_; }
  // Waits for the stop that seize() asked for, or in which an adopted task begins. A signal that
  // was on its way already is delivered first. kTimeout: still in a system call that cannot be
  // interrupted (vfork, a hanging disk) at `deadline`.
  Result<void> wait_stopped(std::chrono::steady_clock::time_point deadline =
                                std::chrono::steady_clock::time_point::max());
  // The stopping signal, when the task was stopped by job control (SIGSTOP, SIGTSTP ...).
  std::optional<int> group_stop_signal() const { return group_stop_; }

  // Resumes, waits for the next event. kTaskDied when it exits or is killed.
  Result<sys::WaitEvent> resume_and_wait();
  Result<sys::WaitEvent> resume_to_syscall_and_wait();
  // The next event of a task that was resumed.
  Result<sys::WaitEvent> wait_next() { return wait_alive(); }
  // Moves a task from any ptrace stop into an interrupt stop: there, the registers that are set are
  // what the kernel applies its system call restart to.
  Result<void> settle();

  // Whether a task that was sent SIGKILL has ended by now; then it is reaped as its tracer. To be
  // asked of all threads of a process in turn: the last of them to end may wait, in the kernel, for
  // the others to be reaped (zap_pid_ns_processes), and a thread group leader is reported last.
  Result<bool> poll_death();

  // Lets it go on as its registers say. kTaskDied: it was killed meanwhile, and is reaped. A process
  // may end as soon as one of its threads is let go, so that its leader is to be detached last.
  Result<void> detach() &&;
  // Gives up ownership without touching the task.
  HostPid release() &&;

 private:
  explicit SeizedTask(HostPid tid) : tid_(tid) {}
  Result<sys::WaitEvent> wait_alive();
  Result<sys::WaitEvent> wait_alive_until(std::chrono::steady_clock::time_point deadline);
  Result<void> interrupt_and_resume(int signal);
  Result<sys::WaitEvent> accept(const sys::WaitEvent& event);
  void let_go() noexcept;
  void reap_quietly() noexcept;

  HostPid tid_;
  bool stopped_ = false;
  std::optional<int> group_stop_;
};

}  // namespace stasis::trace
