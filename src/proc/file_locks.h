// File locks as /proc/locks and the "lock:" lines of /proc/PID/fdinfo show them (proc_locks(5),
// fs/locks.c lock_get_status).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

enum class LockClass { kPosix, kOfd, kFlock, kLease, kDelegation };
enum class LockMode { kRead, kWrite, kUnlock };  // kUnlock: a lease that is being broken

struct FileLock {
  std::uint64_t number = 0;  // of the line; waiters have that of the lock they wait for
  bool waiting = false;      // "->": not held, blocked by the one above
  LockClass kind = LockClass::kPosix;
  bool breaking = false;  // leases only: "BREAKING" or "BREAKER"
  LockMode mode = LockMode::kRead;
  HostPid pid;  // who took it; -1 for OFD locks, 0: not visible in this /proc
  std::uint32_t dev_major = 0, dev_minor = 0;
  std::uint64_t inode = 0;
  std::uint64_t start = 0;         // first byte
  std::uint64_t end = UINT64_MAX;  // last byte; UINT64_MAX: to the end of the file
  bool operator==(const FileLock&) const = default;
};

// One line, number `line` (from 1) of `file`, without the "lock:" of fdinfo.
Result<FileLock> parse_lock_line(std::string_view file, std::size_t line, std::string_view text);
Result<std::vector<FileLock>> parse_locks(std::string_view text);
// /proc/locks of the /proc mount `proc`: locks whose holder is visible there.
Result<std::vector<FileLock>> read_locks(const ProcDir& proc);

}  // namespace stasis::proc
