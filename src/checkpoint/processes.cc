#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <algorithm>
#include <csignal>
#include <cstring>

#include "checkpoint/memory.h"
#include "checkpoint/threads.h"
#include "proc/limits.h"
#include "proc/settings.h"
#include "proc/timers.h"

namespace stasis::checkpoint {
namespace {

constexpr std::size_t kSignalSetBytes = 8;

struct KernelTimerSpec {  // struct __kernel_itimerspec
  std::int64_t interval_s = 0, interval_ns = 0, value_s = 0, value_ns = 0;
  static std::uint64_t ns(std::int64_t seconds, std::int64_t nanoseconds) {
    return static_cast<std::uint64_t>(seconds) * 1'000'000'000 +
           static_cast<std::uint64_t>(nanoseconds);
  }
};

std::uint64_t to_us(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(time.tv_usec);
}

// What the process must be asked from inside, in one batch.
struct ProcessQuestions {
  courier::SyscallBatch batch;
  std::array<courier::DataRef, 64> actions;
  std::array<courier::DataRef, 3> interval_timers;
  courier::DataRef subreaper;
  std::vector<std::pair<proc::PosixTimerInfo, courier::DataRef>> timers;
  MemoryQuestions memory;
};

ProcessQuestions make_questions(const std::vector<proc::PosixTimerInfo>& timers) {
  ProcessQuestions q;
  for (std::size_t signal = 1; signal <= q.actions.size(); ++signal) {
    q.actions[signal - 1] = q.batch.reserve(sizeof(model::SignalAction));
    q.batch.must(SYS_rt_sigaction, signal, 0, q.actions[signal - 1], kSignalSetBytes);
  }
  for (std::size_t which = 0; which < q.interval_timers.size(); ++which) {
    q.interval_timers[which] = q.batch.reserve(sizeof(itimerval));
    q.batch.must(SYS_getitimer, which, q.interval_timers[which]);
  }
  q.subreaper = q.batch.reserve(sizeof(std::int32_t));
  q.batch.must(SYS_prctl, PR_GET_CHILD_SUBREAPER, q.subreaper, 0, 0, 0);
  q.memory = MemoryQuestions::add_to(q.batch);
  for (const auto& timer : timers) {
    const auto room = q.batch.reserve(sizeof(KernelTimerSpec));
    q.batch.must(SYS_timer_gettime, timer.id, room);
    q.timers.emplace_back(timer, room);
  }
  return q;
}

void take_answers(const ProcessQuestions& q, model::Process& into) {
  for (std::size_t i = 0; i < q.actions.size(); ++i) {
    into.signal_actions[i] = q.batch.output_as<model::SignalAction>(q.actions[i]);
  }
  for (std::size_t i = 0; i < q.interval_timers.size(); ++i) {
    const auto timer = q.batch.output_as<itimerval>(q.interval_timers[i]);
    into.interval_timers[i] = {to_us(timer.it_interval), to_us(timer.it_value)};
  }
  into.child_subreaper = q.batch.output_as<std::int32_t>(q.subreaper) != 0;
  q.memory.take_answers(q.batch, into.memory);
}

NsPid thread_number(const SeizedProcess& process, const model::Process& into, HostPid tid) {
  for (std::size_t i = 0; i < process.threads.size() && i < into.threads.size(); ++i) {
    if (process.threads[i].task.tid() == tid) return into.threads[i].tid;
  }
  return NsPid{};
}

void take_timers(const ProcessQuestions& q, const SeizedProcess& process, model::Process& into) {
  for (const auto& [info, room] : q.timers) {
    const auto spec = q.batch.output_as<KernelTimerSpec>(room);
    into.posix_timers.push_back(
        {.id = static_cast<std::uint32_t>(info.id),
         .clock = info.clock,
         .notify = info.notify,
         .signal = info.signal,
         .signal_value = info.value,
         .notify_tid = thread_number(process, into, info.target),
         .interval_ns = KernelTimerSpec::ns(spec.interval_s, spec.interval_ns),
         .value_ns = KernelTimerSpec::ns(spec.value_s, spec.value_ns)});
  }
}

// Numbers of what is outside are 0, as in a pid namespace of the container's own.
NsPid group_inside(const SeizedContainer& all, const SeizedProcess& process, NsPid group) {
  if (process.status.ns_pid.size() > 1) return group;
  const HostPid host{group.value};
  return all.translate(host).value == 0 && proc::ProcDir::open(host) ? NsPid{0} : group;
}

void take_identity(const SeizedContainer& all, const SeizedProcess& process, model::Process& into) {
  const auto& status = process.status;
  into.pid = process.pid;
  into.ppid = all.translate(status.ppid);
  into.pgid =
      group_inside(all, process,
                   status.ns_pgid.empty() ? NsPid{process.stat.pgrp.value} : status.ns_pgid.back());
  into.sid = group_inside(
      all, process,
      status.ns_sid.empty() ? NsPid{process.stat.session.value} : status.ns_sid.back());
  into.exit_signal = process.stat.exit_signal;
}

// A struct sock_filter that gives SECCOMP_RET_USER_NOTIF (linux/seccomp.h): BPF_RET | BPF_K.
bool asks_a_listener(const model::SeccompFilter& filter) {
  constexpr std::size_t kBytes = 8;
  constexpr std::uint16_t kReturn = 0x06;
  constexpr std::uint32_t kUserNotification = 0x7fc00000;
  for (std::size_t at = 0; at + kBytes <= filter.program.size(); at += kBytes) {
    std::uint16_t code = 0;
    std::uint32_t value = 0;
    std::memcpy(&code, &filter.program[at], sizeof(code));
    std::memcpy(&value, &filter.program[at + 4], sizeof(value));
    if (code == kReturn && (value & 0xffff0000) == kUserNotification) return true;
  }
  return false;
}

void refuse_seccomp(const model::Container& container, const SeizedProcess& process,
                    const model::Process& collected, std::vector<Blocker>& blockers) {
  for (const model::Thread& thread : collected.threads) {
    const auto refuse = [&](const char* what, const char* advice) {
      blockers.push_back({collected.pid, process.status.name,
                          fmt::format("thread {}", thread.tid.value), what, advice});
    };
    if (thread.seccomp.mode == model::SeccompMode::kStrict) {
      refuse("strict seccomp mode", "use a seccomp filter instead");
    }
    const bool asks = std::ranges::any_of(thread.seccomp.filters, [&](const auto index) {
      return asks_a_listener(container.seccomp_filters[index]);
    });
    if (asks) {
      refuse("a seccomp filter that asks a listener (SCMP_ACT_NOTIFY)",
             "start the container without an agent");
    }
  }
}

}  // namespace

Result<void> collect_zombie(const SeizedContainer& all, const SeizedProcess& process,
                            model::Process& into) {
  take_identity(all, process, into);
  into.exit_status = process.stat.exit_code;
  model::Thread leader;
  leader.tid = process.pid;
  leader.comm = process.status.name;
  leader.credentials.ruid = process.status.uid.real;
  leader.credentials.euid = process.status.uid.effective;
  leader.credentials.suid = process.status.uid.saved;
  leader.credentials.fsuid = process.status.uid.filesystem;
  leader.credentials.rgid = process.status.gid.real;
  leader.credentials.egid = process.status.gid.effective;
  leader.credentials.sgid = process.status.gid.saved;
  leader.credentials.fsgid = process.status.gid.filesystem;
  into.threads.push_back(std::move(leader));
  return {};
}

Result<void> collect_tasks(const SeizedContainer& all, SeizedProcess& process,
                           CourierSession& session, model::Container& container,
                           model::Process& into, std::vector<Blocker>& blockers) {
  take_identity(all, process, into);
  into.stop_signal = process.threads.front().task.group_stop_signal();
  for (SeizedThread& thread : process.threads) {
    if (&thread == &process.threads.front()) {
      STASIS_ASSIGN(auto leader, collect_thread(process, thread, session.leader(), container));
      into.threads.push_back(std::move(leader));
      continue;
    }
    STASIS_ASSIGN(courier::Courier courier, session.enter(thread));
    STASIS_ASSIGN(auto collected, collect_thread(process, thread, courier, container));
    into.threads.push_back(std::move(collected));
    STASIS_TRY(std::move(courier).leave());
  }
  STASIS_ASSIGN(const auto timers, proc::read_timers(process.dir));
  ProcessQuestions questions = make_questions(timers);
  STASIS_TRY(session.leader().run(questions.batch));
  take_answers(questions, into);
  take_timers(questions, process, into);
  STASIS_ASSIGN(into.pending, collect_pending(process.threads.front().task.tid(),
                                              sys::ptrace::SignalQueue::kProcess));
  STASIS_ASSIGN(const auto limits, proc::read_limits(process.dir));
  for (const auto& limit : limits) into.rlimits.push_back({limit.soft, limit.hard});
  into.umask = process.status.umask.value_or(into.umask);
  STASIS_ASSIGN(into.oom_score_adj, proc::read_oom_score_adj(process.dir));
  refuse_seccomp(container, process, into, blockers);
  return {};
}

}  // namespace stasis::checkpoint
