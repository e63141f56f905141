// Letting a created container's program begin, and ending a container for good.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/container.h"
#include "runtime/launch.h"

namespace stasis::runtime {

// Opens exec.fifo and waits for the program's execve. Runs poststart hooks; when one fails, the
// container is killed. kConflict: not in state "created".
Result<void> start_container(const StateStore& store, const std::string& id);

// The same for a container that this process launched with Gate::kChannel.
Result<void> start_launched(LaunchedContainer& launched, const oci::Spec& spec);

// Ends all processes, removes cgroup and state, then runs poststop hooks (their failure is logged
// only, as the specification wants).
Result<void> destroy_container(const StateDirectory& state, const oci::ContainerRecord& record,
                               const cgroup::ContainerCgroup& cgroup);

}  // namespace stasis::runtime
