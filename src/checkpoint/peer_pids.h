// SO_PEERCRED as the container sees it. The kernel tells pids in the reader's pid namespace, and
// /proc translates those of living processes only; so a child in the container's namespace reads.
#pragma once

#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::checkpoint {

// For each of `sockets`, the pid in the pid namespace of `init`; 0: outside of it. The caller has
// one thread only.
Result<std::vector<NsPid>> read_peer_pids(const proc::ProcDir& init, std::span<const int> sockets);

}  // namespace stasis::checkpoint
