#include "checkpoint/threads.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <algorithm>

#include "proc/settings.h"
#include "sys/process.h"
#include "sys/ptrace.h"
#include "trace/rseq.h"

namespace stasis::checkpoint {
namespace {

// What only the thread itself can ask.
struct OwnAnswers {
  model::AlternateStack alternate_stack;
  std::uint32_t parent_death_signal = 0;
  std::uint32_t securebits = 0;
  std::uint64_t clear_child_tid = 0;
  std::uint64_t timer_slack_ns = 0;
};

struct KernelStack {  // stack_t
  std::uint64_t sp = 0;
  std::int32_t flags = 0;
  std::int32_t padding = 0;
  std::uint64_t size = 0;
};
static_assert(sizeof(KernelStack) == 24);

Result<OwnAnswers> ask(courier::Courier& courier) {
  courier::SyscallBatch batch;
  const auto stack = batch.reserve(sizeof(KernelStack));
  const auto death_signal = batch.reserve(sizeof(std::uint32_t));
  const auto tid_address = batch.reserve(sizeof(std::uint64_t));
  batch.must(SYS_sigaltstack, 0, stack);
  batch.must(SYS_prctl, PR_GET_PDEATHSIG, death_signal, 0, 0, 0);
  batch.must(SYS_prctl, PR_GET_TID_ADDRESS, tid_address, 0, 0, 0);
  const auto securebits = batch.must(SYS_prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
  const auto slack = batch.must(SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0);
  STASIS_TRY(courier.run(batch));
  const auto raw = batch.output_as<KernelStack>(stack);
  return OwnAnswers{{raw.sp, raw.flags, raw.size},
                    batch.output_as<std::uint32_t>(death_signal),
                    static_cast<std::uint32_t>(batch.result(securebits)),
                    batch.output_as<std::uint64_t>(tid_address),
                    static_cast<std::uint64_t>(batch.result(slack))};
}

model::Credentials credentials_of(const proc::TaskStatus& status, std::uint32_t securebits) {
  return model::Credentials{.ruid = status.uid.real,
                            .euid = status.uid.effective,
                            .suid = status.uid.saved,
                            .fsuid = status.uid.filesystem,
                            .rgid = status.gid.real,
                            .egid = status.gid.effective,
                            .sgid = status.gid.saved,
                            .fsgid = status.gid.filesystem,
                            .groups = status.groups,
                            .cap_inheritable = status.cap_inheritable,
                            .cap_permitted = status.cap_permitted,
                            .cap_effective = status.cap_effective,
                            .cap_bounding = status.cap_bounding,
                            .cap_ambient = status.cap_ambient,
                            .securebits = securebits,
                            .no_new_privs = status.no_new_privs};
}

Result<model::Scheduling> collect_scheduling(HostPid tid) {
  STASIS_ASSIGN(const auto attributes, sys::sched_getattr(tid));
  model::Scheduling scheduling{.policy = attributes.policy,
                               .flags = attributes.flags,
                               .nice = attributes.nice,
                               .rt_priority = attributes.priority,
                               .runtime_ns = attributes.runtime_ns,
                               .deadline_ns = attributes.deadline_ns,
                               .period_ns = attributes.period_ns};
  STASIS_ASSIGN(scheduling.affinity, sys::sched_getaffinity(tid));
  STASIS_ASSIGN(scheduling.io_priority, sys::get_io_priority(tid));
  return scheduling;
}

std::uint32_t filter_index(model::Container& container, sys::ptrace::SeccompProgram program) {
  model::SeccompFilter filter{std::move(program.instructions), program.flags};
  const auto known = std::ranges::find(container.seccomp_filters, filter);
  const auto index = known - container.seccomp_filters.begin();
  if (known == container.seccomp_filters.end()) {
    container.seccomp_filters.push_back(std::move(filter));
  }
  return static_cast<std::uint32_t>(index);
}

Result<model::Seccomp> collect_seccomp(HostPid tid, const proc::TaskStatus& status,
                                       model::Container& container) {
  model::Seccomp seccomp{.mode = static_cast<model::SeccompMode>(status.seccomp)};
  if (seccomp.mode != model::SeccompMode::kFilter) return seccomp;
  for (std::uint64_t index = 0;; ++index) {
    STASIS_ASSIGN(auto program, sys::ptrace::get_seccomp_filter(tid, index));
    if (!program) return seccomp;
    seccomp.filters.push_back(filter_index(container, std::move(*program)));
  }
}

}  // namespace

Result<std::vector<model::SignalInfo>> collect_pending(HostPid tid,
                                                       sys::ptrace::SignalQueue queue) {
  STASIS_ASSIGN(const auto raw, sys::ptrace::peek_signals(tid, queue));
  std::vector<model::SignalInfo> pending;
  for (const auto& info : raw) pending.push_back(model::SignalInfo{info});
  return pending;
}

Result<model::Thread> collect_thread(const SeizedProcess& process, const SeizedThread& thread,
                                     courier::Courier& courier, model::Container& container) {
  const HostPid tid = thread.task.tid();
  STASIS_ASSIGN(const proc::TaskStatus status, proc::read_status(thread.dir));
  model::Thread into;
  into.tid = status.ns_pid.empty() ? NsPid{status.pid.value} : status.ns_pid.back();
  into.comm = status.name;
  STASIS_ASSIGN(const OwnAnswers own, ask(courier));
  into.alternate_stack = own.alternate_stack;
  into.parent_death_signal = own.parent_death_signal;
  into.clear_child_tid = own.clear_child_tid;
  into.credentials = credentials_of(status, own.securebits);
  into.signal_mask = courier.signal_mask();
  STASIS_ASSIGN(into.pending, collect_pending(tid, sys::ptrace::SignalQueue::kThread));
  STASIS_ASSIGN(const auto robust, sys::get_robust_list(tid));
  into.robust_list = {robust.head, robust.length};
  STASIS_ASSIGN(into.scheduling, collect_scheduling(tid));
  into.scheduling.timer_slack_ns = own.timer_slack_ns;
  STASIS_ASSIGN(into.seccomp, collect_seccomp(tid, status, container));
  STASIS_ASSIGN(into.personality, proc::read_personality(thread.dir));
  STASIS_ASSIGN(into.xstate, sys::ptrace::get_xstate(tid));
  STASIS_ASSIGN(const auto rseq, sys::ptrace::get_rseq(tid));
  trace::Registers registers = courier.registers();
  if (rseq) {
    into.rseq = model::Rseq{rseq->address, rseq->size, rseq->signature, rseq->flags};
    STASIS_ASSIGN(registers, trace::leave_critical_section(registers, *rseq, *process.memory));
    courier.set_registers(registers);
  }
  into.registers = registers.with_interrupted_call_resolved().raw();
  return into;
}

}  // namespace stasis::checkpoint
