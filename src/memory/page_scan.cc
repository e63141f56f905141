#include "memory/page_scan.h"

namespace stasis::memory {

sys::PageScan plan_saved_pages_scan(const model::Vma& area, std::uint64_t known) {
  // The zero page in a mapping of a file is rare (a private mapping of /dev/zero) and saved: what
  // is not saved would show the file.
  const std::uint64_t unwanted =
      area.kind == model::VmaKind::kAnonymous ? sys::kPageZero : sys::kPageFile;
  return {.start = area.start,
          .end = area.end,
          .inverted = unwanted,
          .required = unwanted,
          .any_of = sys::kPagePresent | sys::kPageSwapped,
          .reported = sys::kPageWriteTracked | sys::kPageWritten | (known & sys::kPageGuard)};
}

sys::PageScan plan_guards_scan(const model::Vma& area) {
  return {.start = area.start,
          .end = area.end,
          .required = sys::kPageGuard,
          .reported = sys::kPageGuard};
}

bool has_own_pages(const model::Vma& area) {
  if (area.shared) return false;
  return area.kind == model::VmaKind::kAnonymous || area.kind == model::VmaKind::kFile ||
         area.kind == model::VmaKind::kSharedMemory;
}

}  // namespace stasis::memory
