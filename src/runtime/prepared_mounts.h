// Mounts that the runtime makes before the container's process exists: those with mapped ids. A
// process in a user namespace of its own has no right to map the ids of the host's file systems.
#pragma once

#include "base/result.h"
#include "runtime/environment.h"

namespace stasis::runtime {

// In the parent. The child inherits the descriptors; each is attached nowhere until it does that.
Result<PreparedMounts> prepare_mounts(const Environment& environment);

}  // namespace stasis::runtime
