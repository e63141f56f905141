// A further open file description of something that is open already.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/open_file.h"

namespace stasis::restore {

// Opens the inode behind `handle` with the access mode and status flags of `flags`, through
// /proc/self/fd. Never creates or truncates.
Result<UniqueFd> reopen(int handle, std::uint32_t flags);

// reopen() with the flags and at the position of `file`.
Result<UniqueFd> reopen_at_position(int handle, const model::OpenFile& file);

}  // namespace stasis::restore
