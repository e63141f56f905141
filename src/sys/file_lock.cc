#include "sys/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cstddef>

#include "sys/call.h"

namespace stasis::sys {

static_assert(sizeof(RangeLock) == sizeof(struct flock));
static_assert(offsetof(RangeLock, start) == offsetof(struct flock, l_start));
static_assert(offsetof(RangeLock, length) == offsetof(struct flock, l_len));
static_assert(offsetof(RangeLock, pid) == offsetof(struct flock, l_pid));

Result<void> lock_whole_file(int fd, LockMode mode) {
  const int operation = mode == LockMode::kExclusive ? LOCK_EX : LOCK_SH;
  if (::flock(fd, operation | LOCK_NB) != 0) return last_error("flock fd {}", fd);
  return {};
}

RangeLock make_range_lock(LockMode mode, std::uint64_t first, std::uint64_t last) {
  RangeLock lock;
  lock.type = mode == LockMode::kExclusive ? F_WRLCK : F_RDLCK;
  lock.whence = SEEK_SET;
  lock.start = static_cast<std::int64_t>(first);
  lock.length = last == UINT64_MAX ? 0 : static_cast<std::int64_t>(last - first + 1);
  return lock;
}

Result<void> lock_description_range(int fd, LockMode mode, std::uint64_t first,
                                    std::uint64_t last) {
  RangeLock lock = make_range_lock(mode, first, last);
  if (::fcntl(fd, F_OFD_SETLK, &lock) != 0) {
    return last_error("fcntl F_OFD_SETLK fd {} from {} to {}", fd, first, last);
  }
  return {};
}

}  // namespace stasis::sys
