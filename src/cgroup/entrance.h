// How a new process gets into a container's cgroup without a wait. Writing another process's number
// to cgroup.procs takes cgroup_threadgroup_rwsem for writing, which after a quiet while costs a
// grace period of RCU, 10 ms and more (kernel/cgroup/cgroup.c, cgroup_attach_lock). Two ways do
// without: a process is born in a v2 cgroup (CLONE_INTO_CGROUP, Linux 5.7), and a thread that
// writes "0" to the `tasks` file of a v1 cgroup moves itself alone.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroup/container_cgroup.h"

namespace stasis::cgroup {

// Opened by the parent, whose rights count; used by the child.
class Entrance {
 public:
  static Result<Entrance> open(const CgroupRecord& record);

  // For ns::NamespacePlan::cgroup_fd; -1 when no v2 hierarchy is mounted.
  int v2_directory() const { return v2_directory_ ? v2_directory_.get() : -1; }
  // In the new process, while it has one thread: moves it into the v1 directories.
  Result<void> enter_v1() const;

 private:
  struct Tasks {
    UniqueFd fd;
    std::string directory;
  };
  Entrance() = default;

  UniqueFd v2_directory_;
  std::vector<Tasks> v1_tasks_;
};

// The record with sub-cgroups in place of what exec --cgroup names: "SUB" is one of every
// hierarchy, "CONTROLLER[,CONTROLLER]:SUB" of those with that controller. They must exist. Errors
// quote `text`.
Result<CgroupRecord> choose_subgroup(CgroupRecord record, const std::string& text);

}  // namespace stasis::cgroup
