// Walking and removing a directory tree of cgroups.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace stasis::cgroup {

// cgroup.procs of `directory` and of everything below. A cgroup that vanishes meanwhile has no
// processes; a threaded one (EOPNOTSUPP) lists its processes in an ancestor.
Result<std::vector<HostPid>> read_tree_processes(const std::string& directory);

// rmdir, children first. A cgroup whose last process is just exiting is EBUSY for a moment: retried
// for two seconds.
Result<void> remove_tree(const std::string& directory);

// "12\n7\n" -> pids. 0 stands for a process that this pid namespace cannot see, and is left out.
Result<std::vector<HostPid>> parse_pids(std::string_view text);

}  // namespace stasis::cgroup
