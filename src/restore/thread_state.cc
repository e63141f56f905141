#include <sys/prctl.h>
#include <sys/syscall.h>
#include <algorithm>
#include <cstring>

#include "restore/credentials.h"
#include "restore/task_state.h"
#include "sys/process.h"
#include "sys/ptrace.h"

namespace stasis::restore {
namespace {

struct KernelStack {  // stack_t
  std::uint64_t sp = 0;
  std::int32_t flags = 0;
  std::int32_t padding = 0;
  std::uint64_t size = 0;
};

constexpr std::int32_t kOnStack = 1;  // SS_ONSTACK: told by the kernel, never given to it

std::int32_t signal_number(const model::SignalInfo& info) {
  std::int32_t number = 0;
  std::memcpy(&number, info.raw.data(), sizeof(number));
  return number;
}

Result<void> restore_scheduling(HostPid tid, const model::Thread& thread,
                                std::vector<std::string>& warnings) {
  const model::Scheduling& s = thread.scheduling;
  const sys::SchedulingAttributes wanted{s.policy,     s.flags,       s.nice,     s.rt_priority,
                                         s.runtime_ns, s.deadline_ns, s.period_ns};
  STASIS_ASSIGN(const auto now, sys::sched_getattr(tid));
  if (now.policy != wanted.policy || now.nice != wanted.nice || now.flags != wanted.flags ||
      now.priority != wanted.priority || now.runtime_ns != wanted.runtime_ns) {
    STASIS_TRY(sys::sched_setattr(tid, wanted));
  }
  STASIS_ASSIGN(const auto affinity, sys::sched_getaffinity(tid));
  if (!s.affinity.empty() && affinity != s.affinity) {
    if (auto set = sys::sched_setaffinity(tid, s.affinity); !set) {
      warnings.push_back(fmt::format("thread {}: runs on all CPUs of its cpuset: {}",
                                     thread.tid.value, set.error().message()));
    }
  }
  STASIS_ASSIGN(const auto io_priority, sys::get_io_priority(tid));
  if (io_priority != s.io_priority) STASIS_TRY(sys::set_io_priority(tid, s.io_priority));
  return {};
}

void add_pending(courier::SyscallBatch& batch, const model::Process& process,
                 const model::Thread& thread) {
  batch.describe("queueing pending signals");
  for (const auto& info : thread.pending) {
    batch.must(SYS_rt_tgsigqueueinfo, process.pid.value, thread.tid.value, signal_number(info),
               batch.value(info));
  }
  if (thread.tid != process.pid) return;
  for (const auto& info : process.pending) {
    batch.must(SYS_rt_sigqueueinfo, process.pid.value, signal_number(info), batch.value(info));
  }
}

// Signals that the restore itself caused: SIGCHLD of helpers and zombies.
void add_flush(courier::SyscallBatch& batch) {
  const auto all = batch.value(~std::uint64_t{0});
  const auto no_wait = batch.value(std::array<std::uint64_t, 2>{0, 0});
  for (int i = 0; i < 4; ++i)
    batch.add(SYS_rt_sigtimedwait, all, 0, no_wait, sizeof(std::uint64_t));
}

courier::SyscallBatch make_batch(const model::Process& process, const model::Thread& thread,
                                 const model::Container& container, int last_capability) {
  courier::SyscallBatch batch;
  add_flush(batch);
  const auto& stack = thread.alternate_stack;
  batch.describe("setting the alternate signal stack");
  batch.must(SYS_sigaltstack,
             batch.value(KernelStack{stack.sp, stack.flags & ~kOnStack, 0, stack.size}), 0);
  batch.describe("");
  batch.must(SYS_set_robust_list, thread.robust_list.head, thread.robust_list.length);
  batch.must(SYS_set_tid_address, thread.clear_child_tid);
  batch.must(SYS_prctl, PR_SET_NAME, batch.text(thread.comm), 0, 0, 0);
  batch.must(SYS_personality, thread.personality);
  if (thread.scheduling.timer_slack_ns != 0) {
    batch.must(SYS_prctl, PR_SET_TIMERSLACK, thread.scheduling.timer_slack_ns, 0, 0, 0);
  }
  add_seccomp(batch, thread.seccomp, container.seccomp_filters);
  add_credentials(batch, thread.credentials, last_capability);
  // Both are reset by a change of credentials.
  batch.must(SYS_prctl, PR_SET_PDEATHSIG, thread.parent_death_signal, 0, 0, 0);
  if (thread.tid == process.pid && process.memory.dumpable <= 1) {
    batch.must(SYS_prctl, PR_SET_DUMPABLE, process.memory.dumpable, 0, 0, 0);
  }
  add_pending(batch, process, thread);
  if (thread.rseq) {
    batch.describe("registering rseq");
    batch.must(SYS_rseq, thread.rseq->address, thread.rseq->size, thread.rseq->flags,
               thread.rseq->signature);
  }
  return batch;
}

}  // namespace

Result<void> restore_thread_state(LiveTask& task, const model::Process& process,
                                  const model::Thread& thread, const model::Container& container,
                                  int last_capability, std::vector<std::string>& warnings) {
  STASIS_TRY(restore_scheduling(task.host(), thread, warnings));
  auto batch = make_batch(process, thread, container, last_capability);
  STASIS_TRY(task.courier().run(batch));
  STASIS_TRY(sys::ptrace::set_xstate(task.host(), thread.xstate));
  task.courier().set_registers(trace::Registers(thread.registers));
  task.courier().set_signal_mask(thread.signal_mask);
  return {};
}

}  // namespace stasis::restore
