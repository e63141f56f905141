// getrandom(2), Linux 3.17: bytes for identifiers.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace stasis::sys {

// Fills `into` (at most 256 bytes: never a short read). Waits until the kernel's pool is ready.
Result<void> random_bytes(std::span<std::byte> into);

}  // namespace stasis::sys
