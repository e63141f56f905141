// process.rlimits of config.json: prlimit(2).
#pragma once

#include <utility>
#include <vector>

#include <sys/resource.h>

#include "base/ids.h"
#include "base/result.h"
#include "oci/spec.h"

namespace stasis::runtime {

using ProcessLimits = std::vector<std::pair<int, rlimit64>>;  // by resource

// Pure. Errors name the member of "process".
Result<ProcessLimits> plan_rlimits(const oci::Process& process);

// From outside, by who may raise them: inside of a user namespace nobody may. RLIMIT_NOFILE is
// not lowered yet, as the process still has more descriptors than it will.
Result<void> apply_rlimits(const ProcessLimits& limits, HostPid pid);
// By the process itself, once it has closed them.
Result<void> limit_own_descriptors(const ProcessLimits& limits);

}  // namespace stasis::runtime
