// /proc/PID/pagemap: what backs each page of a process. PAGEMAP_SCAN (Linux 6.7) finds ranges by
// category, and write-protects them for asynchronous tracking; reading the file gives one 64-bit
// entry a page (Documentation/admin-guide/mm/pagemap.rst). Opening it needs ptrace access.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace stasis::sys {

// PAGE_IS_ bits of linux/fs.h.
inline constexpr std::uint64_t kPageWriteTracked = 1
                                                   << 0;  // PAGE_IS_WPALLOWED: userfaultfd WP_ASYNC
inline constexpr std::uint64_t kPageWritten = 1 << 1;     // since write-protected; or never was
inline constexpr std::uint64_t kPageFile = 1 << 2;  // of a file or shared memory, not anonymous
inline constexpr std::uint64_t kPagePresent = 1 << 3;
inline constexpr std::uint64_t kPageSwapped = 1 << 4;
inline constexpr std::uint64_t kPageZero = 1 << 5;   // the kernel's shared zero page
inline constexpr std::uint64_t kPageGuard = 1 << 8;  // MADV_GUARD_INSTALL, Linux 6.15

// Pages in [start, end) that have, after the bits of `inverted` were flipped, all categories of
// `required` and, if it is not 0, one of `any_of`. Ranges come back with those of `reported`.
struct PageScan {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t inverted = 0;
  std::uint64_t required = 0;
  std::uint64_t any_of = 0;
  std::uint64_t reported = 0;  // must not be 0
  // PM_SCAN_WP_MATCHING: write-protects what it finds, in the same step. Areas that are not
  // registered for asynchronous write protection are passed over.
  enum class Protect { kNo, kFound } protect = Protect::kNo;
};

struct PageRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t categories = 0;
  bool operator==(const PageRange&) const = default;
};

// Sorted; neighbours with equal categories are one range. ENOTTY (kUnsupported): older kernel.
Result<std::vector<PageRange>> scan_pages(int pagemap_fd, const PageScan& scan);

// The kPage bits that this kernel knows, found out through a pagemap: kPageGuard needs Linux 6.15.
Result<std::uint64_t> read_known_categories(int pagemap_fd);

// One entry of the file.
struct PagemapEntry {
  std::uint64_t raw = 0;
  bool present() const { return (raw >> 63 & 1) != 0; }
  bool swapped() const { return (raw >> 62 & 1) != 0; }
  bool exclusive() const { return (raw >> 56 & 1) != 0; }  // no other mapping of the page
  // Page frame number, or swap type and offset; 0 without CAP_SYS_ADMIN.
  std::uint64_t frame() const { return raw & ((std::uint64_t{1} << 55) - 1); }
};

// The entries of the pages from address `start` on; entries past the end of user space are 0.
Result<void> read_pagemap(int pagemap_fd, std::uint64_t start, std::span<PagemapEntry> into);

}  // namespace stasis::sys
