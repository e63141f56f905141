// The clocks of a container as its own time namespace shows them (time_namespaces(7)).
#pragma once

#include "base/result.h"
#include "model/container.h"
#include "proc/proc_dir.h"

namespace stasis::checkpoint {

// `init`: /proc/PID of a process in the namespace.
Result<model::Clocks> read_container_clocks(const proc::ProcDir& init);

}  // namespace stasis::checkpoint
