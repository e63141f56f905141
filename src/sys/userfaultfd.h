// userfaultfd(2) for one purpose: asynchronous write protection (UFFD_FEATURE_WP_ASYNC, Linux 6.7).
// A write to a protected page lifts the protection without asking anybody; PAGEMAP_SCAN tells
// afterwards which pages were written (sys/pagemap.h). The descriptor belongs to the address space
// of the process that made it, whoever holds it; closing it ends all registrations.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace stasis::sys {

// For the system call in the process to be watched: close-on-exec, and UFFD_USER_MODE_ONLY (Linux
// 5.11), which programs without CAP_SYS_PTRACE are granted.
inline constexpr int kUserfaultfdFlags = 02000000 | 1;

// UFFDIO_API. EINVAL: a kernel without asynchronous write protection.
Result<void> enable_write_tracking(int userfaultfd);
// UFFDIO_REGISTER for write protection. EBUSY: watched by another userfaultfd. EINVAL: the range is
// not mapped (any more), or its kind cannot be watched.
Result<void> track_writes(int userfaultfd, std::uint64_t start, std::uint64_t end);

// UFFDIO_UNREGISTER. The kernel lifts the protection of every page of the range while it holds the
// lock of the whole address space: whoever wants the program to run on takes small ranges.
Result<void> untrack_writes(int userfaultfd, std::uint64_t start, std::uint64_t end);

}  // namespace stasis::sys
