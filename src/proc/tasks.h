// Which tasks there are: processes of a /proc mount, threads of a process, children of a thread.
// Each list is a snapshot; what is in it may be gone at the next call.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// The /proc mount itself.
Result<ProcDir> open_proc();

// Processes in `proc`, a /proc mount, sorted.
Result<std::vector<HostPid>> list_processes(const ProcDir& proc);
// Threads of the process `dir`, sorted.
Result<std::vector<HostPid>> list_threads(const ProcDir& dir);

Result<std::vector<HostPid>> parse_children(std::string_view text);
// Children of the thread `task` (ProcDir::open_task), zombies included: reliable only while the
// children are stopped or frozen. kNotFound without CONFIG_PROC_CHILDREN.
Result<std::vector<HostPid>> read_children(const ProcDir& task);

}  // namespace stasis::proc
