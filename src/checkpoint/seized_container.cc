#include "checkpoint/seized_container.h"

#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <set>
#include <thread>

#include "proc/tasks.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/ptrace.h"

namespace stasis::checkpoint {
namespace {

constexpr unsigned kOptions = sys::ptrace::kTraceForks | sys::ptrace::kSuspendSeccomp;

bool gone(const Error& error) {
  return error.kind() == ErrorKind::kTaskDied || error.kind() == ErrorKind::kNotFound;
}

}  // namespace

Result<SeizedContainer> SeizedContainer::seize(const cgroup::ContainerCgroup& cgroup, HostPid init,
                                               std::chrono::milliseconds patience,
                                               std::vector<Blocker>& blockers) {
  SeizedContainer container;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  STASIS_TRY(container.add_process(init, blockers));
  if (container.processes_.empty()) {
    return fail(ErrorKind::kTaskDied, "the container's init, pid {}, is gone", init.value);
  }
  STASIS_ASSIGN(const bool was_frozen, cgroup.frozen());
  while (true) {
    STASIS_ASSIGN(const bool found, container.scan(cgroup, blockers));
    // A v1 freezer keeps tasks from reaching a ptrace stop. By now each is to stop before it
    // returns to its program, so that thawing lets none of them run.
    if (was_frozen && !container.thawed_) {
      STASIS_ASSIGN(auto thawed, cgroup::ThawedCgroup::thaw(cgroup));
      container.thawed_.emplace(std::move(thawed));
    }
    STASIS_TRY(container.wait_all(deadline));
    if (!found) break;
  }
  STASIS_TRY(container.refresh(blockers));
  container.sort_parents_first();
  return container;
}

// One pass over what is known by now; true when something new was found. Stopped tasks make no
// new ones, so that the passes end.
Result<bool> SeizedContainer::scan(const cgroup::ContainerCgroup& cgroup,
                                   std::vector<Blocker>& blockers) {
  bool found = false;
  STASIS_ASSIGN(std::vector<HostPid> candidates, cgroup.processes());
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    STASIS_ASSIGN(const bool new_threads, seize_threads(processes_[i], blockers));
    found |= new_threads;
    for (const SeizedThread& thread : processes_[i].threads) {
      auto children = proc::read_children(thread.dir);
      if (!children && !gone(children.error())) return std::move(children.error());
      if (children) candidates.insert(candidates.end(), children->begin(), children->end());
    }
    while (!candidates.empty()) {
      const HostPid candidate = candidates.back();
      candidates.pop_back();
      if (find(candidate) != nullptr) continue;
      STASIS_ASSIGN(const bool added, add_process(candidate, blockers));
      found |= added;
    }
  }
  return found;
}

Result<bool> SeizedContainer::add_process(HostPid host, std::vector<Blocker>& blockers) {
  auto dir = proc::ProcDir::open(host);
  auto pidfd = sys::pidfd_open(host);
  if (!dir || !pidfd) {
    const Error& error = dir ? pidfd.error() : dir.error();
    if (gone(error)) return false;
    return error;
  }
  SeizedProcess process{.host = host, .pidfd = std::move(*pidfd), .dir = std::move(*dir)};
  auto status = proc::read_status(process.dir);
  if (!status) {
    if (gone(status.error())) return false;
    return std::move(status.error());
  }
  process.status = std::move(*status);
  process.pid = process.status.ns_pid.empty() ? NsPid{host.value} : process.status.ns_pid.back();
  process.zombie = process.status.state == proc::TaskState::kZombie && process.status.threads <= 1;
  if (!process.zombie) {
    STASIS_TRY(seize_threads(process, blockers));
    if (process.threads.empty()) return false;
  }
  processes_.push_back(std::move(process));
  return true;
}

Result<bool> SeizedContainer::seize_threads(SeizedProcess& process,
                                            std::vector<Blocker>& blockers) {
  if (process.zombie) return false;
  bool found = false;
  auto tids = proc::list_threads(process.dir);
  if (!tids) {
    if (gone(tids.error())) return false;
    return std::move(tids.error());
  }
  for (const HostPid tid : *tids) {
    const auto known = [&](const SeizedThread& thread) { return thread.task.tid() == tid; };
    if (std::ranges::any_of(process.threads, known)) continue;
    auto dir = proc::ProcDir::open_task(process.host, tid);
    if (!dir) continue;  // gone meanwhile
    auto task = trace::SeizedTask::seize(tid, kOptions);
    if (!task) {
      const auto status = proc::read_status(*dir);
      if (!status || gone(task.error())) continue;
      if (status->tracer_pid.value == ::getpid()) {
        // Made by a task that was traced already: the kernel attached it to us.
        process.threads.push_back({trace::SeizedTask::adopt(tid), std::move(*dir)});
        found = true;
        continue;
      }
      if (status->state == proc::TaskState::kZombie) continue;
      blockers.push_back({process.pid, process.status.name, "",
                          status->tracer_pid.value != 0
                              ? fmt::format("is traced by host pid {}", status->tracer_pid.value)
                              : task.error().message(),
                          "detach the debugger"});
      continue;
    }
    process.threads.push_back({std::move(*task), std::move(*dir)});
    found = true;
  }
  // Later threads have lower numbers once the numbers have wrapped around.
  std::ranges::stable_partition(process.threads, [&](const SeizedThread& thread) {
    return thread.task.tid() == process.host;
  });
  return found;
}

Result<void> SeizedContainer::wait_all(std::chrono::steady_clock::time_point deadline) {
  for (SeizedProcess& process : processes_) {
    for (SeizedThread& thread : process.threads) {
      auto stopped = thread.task.wait_stopped(deadline);
      if (stopped || stopped.error().kind() == ErrorKind::kTaskDied) continue;
      return std::move(stopped.error())
          .context(fmt::format("stopping pid {} ({})", process.pid.value, process.status.name));
    }
    std::erase_if(process.threads,
                  [](const SeizedThread& thread) { return thread.task.tid().value == 0; });
  }
  std::erase_if(processes_, [](const SeizedProcess& process) {
    return !process.zombie && process.threads.empty();
  });
  return {};
}

// Ids are read as the host sees them, and mean others inside.
Result<void> SeizedContainer::refuse_user_namespaces(std::vector<Blocker>& blockers) const {
  STASIS_ASSIGN(const std::string own, sys::read_link_at(sys::kCwd, "/proc/self/ns/user"));
  for (const SeizedProcess& process : processes_) {
    if (process.zombie) continue;
    STASIS_ASSIGN(const std::string theirs, process.dir.read_link("ns/user"));
    if (theirs == own) continue;
    blockers.push_back({process.pid, process.status.name, "", "is in a user namespace",
                        "containers with a user namespace cannot be checkpointed"});
  }
  return {};
}

// Zombies that their parents waited for before these stopped.
void SeizedContainer::forget_reaped() {
  std::erase_if(processes_, [](const SeizedProcess& process) {
    if (!process.zombie) return false;
    const auto status = proc::read_status(process.dir);
    return !status && gone(status.error());
  });
}

Result<void> SeizedContainer::refresh(std::vector<Blocker>& blockers) {
  forget_reaped();
  STASIS_TRY(refuse_user_namespaces(blockers));
  const std::size_t depth = processes_.front().status.ns_pid.size();
  for (SeizedProcess& process : processes_) {
    STASIS_ASSIGN(process.status, proc::read_status(process.dir));
    STASIS_ASSIGN(process.stat, proc::read_stat(process.dir));
    // Not before it stopped: an execve on the way there leaves the memory that was opened behind.
    if (!process.zombie) {
      STASIS_ASSIGN(process.memory, trace::RemoteMemory::open(process.host));
    }
    if (process.status.ns_pid.size() != depth) {
      blockers.push_back({process.pid, process.status.name, "",
                          "is in another pid namespace than the container's init",
                          "nested pid namespaces cannot be checkpointed"});
    }
    if (!process.zombie && process.threads.front().task.tid() != process.host) {
      blockers.push_back({process.pid, process.status.name, "",
                          "its main thread has ended while others run",
                          "wait until the process ends, or have its main thread wait for them"});
    }
  }
  return {};
}

void SeizedContainer::sort_parents_first() {
  std::vector<SeizedProcess> sorted;
  std::set<HostPid> placed;
  const auto is_placed_or_outside = [&](HostPid parent) {
    return placed.contains(parent) || find(parent) == nullptr;
  };
  std::ranges::sort(processes_, {}, [](const SeizedProcess& p) { return p.pid.value; });
  while (!processes_.empty()) {
    const auto next = std::ranges::find_if(processes_, [&](const SeizedProcess& process) {
      return is_placed_or_outside(process.status.ppid);
    });
    if (next == processes_.end()) break;  // not possible: parentage has no cycles
    placed.insert(next->host);
    sorted.push_back(std::move(*next));
    processes_.erase(next);
  }
  processes_ = std::move(sorted);
}

const SeizedProcess* SeizedContainer::find(HostPid host) const {
  const auto found = std::ranges::find(processes_, host, &SeizedProcess::host);
  return found == processes_.end() ? nullptr : &*found;
}

NsPid SeizedContainer::translate(HostPid host) const {
  const SeizedProcess* process = find(host);
  return process == nullptr ? NsPid{} : process->pid;
}

Result<void> SeizedContainer::release() && {
  if (thawed_) STASIS_TRY(std::move(*thawed_).refreeze());
  for (SeizedProcess& process : processes_) {
    for (auto thread = process.threads.rbegin(); thread != process.threads.rend(); ++thread) {
      auto detached = std::move(thread->task).detach();
      if (!detached && detached.error().kind() != ErrorKind::kTaskDied) {
        return std::move(detached.error())
            .context(fmt::format("resuming pid {}", process.pid.value));
      }
    }
  }
  processes_.clear();
  return {};
}

Result<void> SeizedContainer::kill(std::chrono::milliseconds patience, Rollback& undo) && {
  constexpr std::chrono::microseconds kLongestPause(500);
  for (const SeizedProcess& process : processes_) {
    if (process.zombie) continue;
    const auto killed = sys::pidfd_send_signal(process.pidfd.get(), SIGKILL);
    if (!killed && killed.error().kind() != ErrorKind::kTaskDied) return killed;
    undo.commit();
  }
  if (thawed_) thawed_->leave_thawed();
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (std::chrono::microseconds pause(5);; pause = std::min(pause * 2, kLongestPause)) {
    STASIS_ASSIGN(const std::optional<NsPid> left, reap_dead());
    if (!left) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(ErrorKind::kTimeout, "pid {} does not end after SIGKILL", left->value);
    }
    std::this_thread::sleep_for(pause);
  }
}

// One pass over all tasks; a process that has not ended yet, if any.
Result<std::optional<NsPid>> SeizedContainer::reap_dead() {
  std::optional<NsPid> left;
  for (SeizedProcess& process : processes_) {
    for (auto thread = process.threads.begin(); thread != process.threads.end();) {
      STASIS_ASSIGN(const bool dead, thread->task.poll_death());
      thread = dead ? process.threads.erase(thread) : thread + 1;
    }
    if (!process.threads.empty()) left = process.pid;
  }
  return left;
}

}  // namespace stasis::checkpoint
