// Locks that belong to an open file description: flock(2), and F_OFD_SETLK of fcntl(2), Linux 3.15.
// Any process that has the description can take them. EAGAIN: somebody else holds the lock.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace stasis::sys {

enum class LockMode { kShared, kExclusive };

Result<void> lock_whole_file(int fd, LockMode mode);
// `last`: the last byte; UINT64_MAX: to the end of the file, however long it becomes.
Result<void> lock_description_range(int fd, LockMode mode, std::uint64_t first, std::uint64_t last);

// struct flock of F_SETLK, with l_whence SEEK_SET, for calls that another process makes.
struct RangeLock {
  std::int16_t type = 0;  // F_RDLCK, F_WRLCK
  std::int16_t whence = 0;
  std::int64_t start = 0;
  std::int64_t length = 0;  // 0: to the end of the file
  std::int32_t pid = 0;
};
RangeLock make_range_lock(LockMode mode, std::uint64_t first, std::uint64_t last);

}  // namespace stasis::sys
