// Room to fill the queue of a socket at once, whatever its buffer size is.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/rollback.h"

namespace stasis::restore {

enum class BufferSide { kSend, kReceive };

// Widens the buffer of `fd` for `bytes`, where it is too small. The rollback gives it its size
// back, and to the kernel the right to change it. CAP_NET_ADMIN.
Result<Rollback> widen_buffer(int fd, BufferSide side, std::size_t bytes);

}  // namespace stasis::restore
