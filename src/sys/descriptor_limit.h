// RLIMIT_NOFILE of the calling process: getrlimit(2), setrlimit(2).
#pragma once

#include <cstdint>

#include "base/result.h"

namespace stasis::sys {

// Raises the soft limit to `count` descriptors if it is lower. No capability needed: the hard limit
// stays. kUnsupported: the hard limit is lower.
Result<void> allow_descriptors(std::uint64_t count);

}  // namespace stasis::sys
