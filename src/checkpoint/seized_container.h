// Every process of a container, stopped by ptrace: found by cgroup and by parentage, so that what
// `exec` brought in counts too. No freezer is used: the kernel lets all tasks go on when the tracer
// dies, whereas a frozen cgroup would stay frozen.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/rollback.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"
#include "cgroup/thawed_cgroup.h"
#include "checkpoint/blocker.h"
#include "proc/proc_dir.h"
#include "proc/stat.h"
#include "proc/status.h"
#include "trace/remote_memory.h"
#include "trace/seized_task.h"

namespace stasis::checkpoint {

struct SeizedThread {
  trace::SeizedTask task;
  proc::ProcDir dir;  // /proc/PID/task/TID
};

struct SeizedProcess {
  HostPid host;
  NsPid pid;
  UniqueFd pidfd;
  proc::ProcDir dir;
  proc::TaskStatus status;  // read after the stop
  proc::TaskStat stat;
  bool zombie = false;                // then there are no threads and no memory
  std::vector<SeizedThread> threads;  // the thread group leader first
  std::optional<trace::RemoteMemory> memory;
};

class SeizedContainer {
 public:
  // Stops everything. What cannot be traced or belongs to a nested pid namespace is a blocker.
  // kTimeout names a task that does not stop within `patience` (all go on then).
  static Result<SeizedContainer> seize(const cgroup::ContainerCgroup& cgroup, HostPid init,
                                       std::chrono::milliseconds patience,
                                       std::vector<Blocker>& blockers);

  // Parents before children; a process whose parent is outside has none in the list.
  std::vector<SeizedProcess>& processes() { return processes_; }
  // The process with this number, or nullptr.
  const SeizedProcess* find(HostPid host) const;
  // Container-side number of a process; 0 for one that is outside.
  NsPid translate(HostPid host) const;

  // Lets everything go on; a container that was paused is paused again first.
  Result<void> release() &&;
  // Kills everything while all are stopped, so that none sees another one die, and reaps all tasks.
  // kTimeout names a process that has not ended within `patience`. Commits `undo` once the first is
  // killed: until then the container can go on.
  Result<void> kill(std::chrono::milliseconds patience, Rollback& undo) &&;

 private:
  SeizedContainer() = default;
  Result<bool> scan(const cgroup::ContainerCgroup& cgroup, std::vector<Blocker>& blockers);
  Result<bool> add_process(HostPid host, std::vector<Blocker>& blockers);
  Result<bool> seize_threads(SeizedProcess& process, std::vector<Blocker>& blockers);
  Result<void> wait_all(std::chrono::steady_clock::time_point deadline);
  Result<std::optional<NsPid>> reap_dead();
  Result<void> refuse_user_namespaces(std::vector<Blocker>& blockers) const;
  void forget_reaped();
  Result<void> refresh(std::vector<Blocker>& blockers);
  void sort_parents_first();

  std::vector<SeizedProcess> processes_;
  // Set for a container that was paused. The last member: it is frozen again while all are stopped.
  std::optional<cgroup::ThawedCgroup> thawed_;
};

}  // namespace stasis::checkpoint
