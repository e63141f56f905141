#include "restore/process_tree.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <csignal>

#include "proc/status.h"
#include "restore/end_process.h"
#include "sys/child_process.h"
#include "sys/ptrace.h"
#include "trace/vdso.h"
#include "trace/vdso_mapping.h"

namespace stasis::restore {
namespace {

constexpr unsigned kOptions =
    sys::ptrace::kTraceForks | sys::ptrace::kSuspendSeccomp | sys::ptrace::kExitKill;
constexpr int kUnregister = 1;  // RSEQ_FLAG_UNREGISTER

std::uint64_t pending_mask(const model::Process& process) {
  std::uint64_t mask = 0;
  const auto add = [&](const model::SignalInfo& info) {
    const int number = info.raw[0];  // si_signo, little endian, below 65
    if (number > 0) mask |= std::uint64_t{1} << (number - 1);
  };
  for (const auto& info : process.pending) add(info);
  for (const auto& thread : process.threads) {
    for (const auto& info : thread.pending) add(info);
  }
  return mask;
}

std::uint64_t pending_mask(const model::Container& container) {
  std::uint64_t mask = 0;
  for (const auto& process : container.processes) mask |= pending_mask(process);
  return mask;
}

// The C library of the program that the process came from has registered an area in memory that is
// about to go.
Result<void> unregister_rseq(LiveTask& task) {
  STASIS_ASSIGN(const auto rseq, sys::ptrace::get_rseq(task.host()));
  if (!rseq) return {};
  courier::SyscallBatch batch;
  batch.must(SYS_rseq, rseq->address, rseq->size, kUnregister, rseq->signature);
  return task.courier().run(batch);
}

}  // namespace

class TreeBuilder {
 public:
  TreeBuilder(const model::Container& container, const Plan& plan, const TreeRoot& root,
              const FillMemoryFn& fill_memory)
      : container_(container),
        plan_(plan),
        root_(root),
        fill_memory_(fill_memory),
        live_(plan.tasks.size()),
        parents_(plan.tasks.size()) {}

  Result<ProcessTree> run() {
    for (const PlanStep& step : plan_.steps) {
      STASIS_TRY(std::visit([this](const auto& s) { return apply(s); }, step));
    }
    for (TaskIndex task = 0; task < live_.size(); ++task) {
      const auto& process = plan_.tasks[task].process;
      if (!live_[task] || !process) continue;
      LiveProcess made{.process = *process};
      made.threads.push_back(std::move(live_[task]));
      tree_.processes_.push_back(std::move(made));
    }
    return std::move(tree_);
  }

 private:
  std::string name(TaskIndex task) const {
    return fmt::format("pid {}", plan_.tasks[task].pid.value);
  }
  const model::Process* process_of(TaskIndex task) const {
    const auto& process = plan_.tasks[task].process;
    return process ? &container_.processes[*process] : nullptr;
  }

  Result<void> apply(const AdoptInit& step) {
    STASIS_TRY(take_over(step.task, root_.init).context("taking over the container's init"));
    STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(root_.init));
    STASIS_ASSIGN(auto channel, courier::FdChannel::open(live_[step.task]->courier(), pidfd.get(),
                                                         root_.channel_number));
    tree_.channel_.emplace(std::move(channel));
    return {};
  }

  Result<void> apply(const Join& step) {
    return join(step.task).context(
        fmt::format("bringing {} into the container from outside", name(step.task)));
  }

  Result<void> join(TaskIndex task) {
    STASIS_ASSIGN(const UniqueFd init, sys::pidfd_open(root_.init));
    STASIS_ASSIGN(const UniqueFd end, tree_.channel_->duplicate_task_end(init.get()));
    STASIS_ASSIGN(const HostPid host, root_.join(plan_.tasks[task].pid));
    STASIS_TRY(take_over(task, host));
    return tree_.channel_->adopt_in(live_[task]->courier(), end.get());
  }

  Result<void> take_over(TaskIndex task, HostPid host) {
    STASIS_ASSIGN(auto seized, trace::SeizedTask::seize(host, kOptions));
    STASIS_TRY(seized.wait_stopped());
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(host));
    STASIS_ASSIGN(const auto status, proc::read_status(dir));
    const NsPid pid = status.ns_pid.back();
    if (pid != plan_.tasks[task].pid) {
      return fail(ErrorKind::kUnsupported, "it is pid {} in its namespace, the image has pid {}",
                  pid.value, plan_.tasks[task].pid.value);
    }
    STASIS_ASSIGN(const auto vdso, trace::find_vdso(dir));
    STASIS_ASSIGN(const auto memory, trace::RemoteMemory::open(host));
    STASIS_ASSIGN(const RemoteAddr instruction,
                  trace::find_syscall_instruction(memory, vdso.start, vdso.end));
    const courier::TaskIdentity identity{.pid = pid,
                                         .tid = pid,
                                         .syscall_instruction = instruction,
                                         .pending_signals = pending_mask(container_)};
    STASIS_ASSIGN(live_[task], LiveTask::take(std::move(seized), identity, {}));
    STASIS_TRY(live_[task]->courier().map_pages(root_.pages.base));
    live_[task]->set_pages(root_.pages);
    return unregister_rseq(*live_[task]);
  }

  Result<void> apply(const FillMemory& step) {
    const auto process = plan_.tasks[step.task].process;
    LiveTask& task = *live_[step.task];
    auto instruction = fill_memory_(task, *tree_.channel_, *process, parents_[step.task]);
    if (!instruction) {
      return std::move(instruction.error())
          .context(fmt::format("restoring the memory of {}", name(step.task)));
    }
    task.set_syscall_instruction(*instruction);
    return tree_.channel_->close_others(task.courier());
  }

  Result<void> apply(const Fork& step) {
    const model::Process* child = process_of(step.child);
    auto forked = live_[step.parent]->fork(plan_.tasks[step.child].pid,
                                           child != nullptr ? child->exit_signal : SIGCHLD);
    if (!forked) {
      return std::move(forked.error())
          .context(fmt::format("forking {} from {}", name(step.child), name(step.parent)));
    }
    keep_child(step.parent, step.child, std::move(*forked));
    return {};
  }

  Result<void> apply(const ForkSibling& step) {
    auto forked = live_[step.from]->fork_sibling(plan_.tasks[step.child].pid);
    if (!forked) {
      return std::move(forked.error())
          .context(fmt::format("forking {} beside {}", name(step.child), name(step.from)));
    }
    keep_child(step.from, step.child, std::move(*forked));
    return {};
  }

  // Helpers run in a copy of the memory of whom they were forked from: what they fork inherits
  // that.
  void keep_child(TaskIndex from, TaskIndex child, std::unique_ptr<LiveTask> made) {
    live_[child] = std::move(made);
    const auto& origin = plan_.tasks[from];
    parents_[child] = origin.process ? origin.process : parents_[from];
  }

  Result<void> run_one(TaskIndex task, courier::SyscallBatch& batch) {
    return live_[task]->courier().run(batch).context(name(task));
  }

  Result<void> apply(const StartSession& step) {
    courier::SyscallBatch batch;
    const auto made = batch.add(SYS_setsid);
    const auto present = batch.must(SYS_getsid, 0);
    STASIS_TRY(run_one(step.task, batch));
    if (batch.result(present) == plan_.tasks[step.task].pid.value) return {};
    return Error::from_errno("setsid", static_cast<int>(-batch.result(made)))
        .context(name(step.task));
  }

  Result<void> apply(const BecomeSubreaper& step) {
    courier::SyscallBatch batch;
    batch.must(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return run_one(step.task, batch);
  }

  Result<void> apply(const JoinGroup& step) {
    courier::SyscallBatch batch;
    batch.describe(fmt::format("joining process group {}", step.group.value));
    batch.must(SYS_setpgid, 0, step.group.value);
    return run_one(step.task, batch);
  }

  Result<void> apply(const ExitHelper& step) {
    STASIS_TRY(end_process(*live_[step.helper], 0).context(name(step.helper)));
    live_[step.helper].reset();
    if (!step.reaper) return {};  // as its tracer and its parent we have reaped it
    courier::SyscallBatch batch;
    batch.describe(fmt::format("reaping helper {}", plan_.tasks[step.helper].pid.value));
    batch.must(SYS_wait4, plan_.tasks[step.helper].pid.value, 0, __WALL | WNOHANG, 0);
    return run_one(*step.reaper, batch);
  }

  Result<void> apply(const BecomeZombie& step) {
    const model::Process& process = *process_of(step.task);
    STASIS_TRY(dress_zombie(*live_[step.task], process).context(name(step.task)));
    STASIS_TRY(end_process(*live_[step.task], *process.exit_status).context(name(step.task)));
    live_[step.task].reset();
    return {};
  }

  const model::Container& container_;
  const Plan& plan_;
  const TreeRoot& root_;
  const FillMemoryFn& fill_memory_;
  std::vector<std::unique_ptr<LiveTask>> live_;
  std::vector<std::optional<std::size_t>> parents_;  // whose memory a task began with
  ProcessTree tree_;
};

Result<ProcessTree> ProcessTree::build(const model::Container& container, const Plan& plan,
                                       const TreeRoot& root, const FillMemoryFn& fill_memory) {
  return TreeBuilder(container, plan, root, fill_memory).run();
}

Result<void> ProcessTree::spawn_threads(const model::Container& container) {
  for (LiveProcess& live : processes_) {
    const model::Process& process = container.processes[live.process];
    for (std::size_t i = 1; i < process.threads.size(); ++i) {
      auto thread = live.leader().spawn_thread(process.threads[i].tid);
      if (!thread) {
        return std::move(thread.error())
            .context(fmt::format("making thread {} of pid {}", process.threads[i].tid.value,
                                 process.pid.value));
      }
      live.threads.push_back(std::move(*thread));
    }
  }
  return {};
}

}  // namespace stasis::restore
