#include "memory/page_scan.h"

namespace stasis::memory {

sys::PageScan plan_saved_pages_scan(const model::Vma& area) {
  // The zero page in a mapping of a file is rare (a private mapping of /dev/zero) and saved: what
  // is not saved would show the file.
  const std::uint64_t unwanted =
      area.kind == model::VmaKind::kAnonymous ? sys::kPageZero : sys::kPageFile;
  return {.start = area.start,
          .end = area.end,
          .inverted = unwanted,
          .required = unwanted,
          .any_of = sys::kPagePresent | sys::kPageSwapped,
          .reported = sys::kPageWriteTracked | sys::kPageWritten};
}

bool has_own_pages(const model::Vma& area) {
  if (area.shared) return false;
  return area.kind == model::VmaKind::kAnonymous || area.kind == model::VmaKind::kFile ||
         area.kind == model::VmaKind::kSharedMemory;
}

}  // namespace stasis::memory
