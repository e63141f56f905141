#include "sys/pagemap.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <array>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kWpMatching = 1;  // PM_SCAN_WP_MATCHING

// struct page_region and struct pm_scan_arg of linux/fs.h, which Debian 12's headers lack.
struct KernelPageRegion {
  std::uint64_t start, end, categories;
};
struct KernelScanArgument {
  std::uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  std::uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
static_assert(sizeof(KernelPageRegion) == 24);
static_assert(sizeof(KernelScanArgument) == 96);

constexpr unsigned long kPagemapScan = _IOWR('f', 16, KernelScanArgument);

void append(std::vector<PageRange>& ranges, const KernelPageRegion& region) {
  if (!ranges.empty() && ranges.back().end == region.start &&
      ranges.back().categories == region.categories) {
    ranges.back().end = region.end;
    return;
  }
  ranges.push_back({region.start, region.end, region.categories});
}

}  // namespace

Result<std::vector<PageRange>> scan_pages(int pagemap_fd, const PageScan& scan) {
  std::array<KernelPageRegion, 1024> regions;
  std::vector<PageRange> ranges;
  KernelScanArgument argument{};
  argument.size = sizeof(argument);
  argument.flags = scan.protect == PageScan::Protect::kFound ? kWpMatching : 0;
  argument.start = scan.start;
  argument.end = scan.end;
  argument.vec = reinterpret_cast<std::uint64_t>(regions.data());
  argument.vec_len = regions.size();
  argument.category_inverted = scan.inverted;
  argument.category_mask = scan.required;
  argument.category_anyof_mask = scan.any_of;
  argument.return_mask = scan.reported;
  while (argument.start < scan.end) {
    const int found = retry([&] { return ::ioctl(pagemap_fd, kPagemapScan, &argument); });
    if (found < 0) return last_error("PAGEMAP_SCAN {:#x}-{:#x}", scan.start, scan.end);
    for (int i = 0; i < found; ++i) append(ranges, regions[static_cast<std::size_t>(i)]);
    // When the last region that was found just filled the array, walk_end may lie before its end
    // (fs/proc/task_mmu.c do_pagemap_scan sets it for whole pieces of its walk only).
    argument.start = std::max(argument.walk_end, found > 0 ? ranges.back().end : argument.start);
  }
  return ranges;
}

Result<std::uint64_t> read_known_categories(int pagemap_fd) {
  constexpr std::uint64_t kAlways = kPageWriteTracked | kPageWritten | kPageFile | kPagePresent |
                                    kPageSwapped | kPageZero;
  const PageScan probe{.start = 0,
                       .end = kPageBytes,
                       .any_of = kPageGuard,
                       .reported = kPageGuard};  // nothing is ever mapped at 0
  const auto found = scan_pages(pagemap_fd, probe);
  if (found) return kAlways | kPageGuard;
  if (found.error().error_number() == EINVAL) return kAlways;
  return found.error();
}

Result<void> read_pagemap(int pagemap_fd, std::uint64_t start, std::span<PagemapEntry> into) {
  auto bytes = std::as_writable_bytes(into);
  auto offset = static_cast<off_t>(start / kPageBytes * sizeof(PagemapEntry));
  while (!bytes.empty()) {
    const ssize_t got =
        retry([&] { return ::pread(pagemap_fd, bytes.data(), bytes.size(), offset); });
    if (got < 0) return last_error("read the pagemap at {:#x}", start);
    if (got == 0) break;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += got;
  }
  for (std::byte& byte : bytes) byte = std::byte{0};
  return {};
}

}  // namespace stasis::sys
