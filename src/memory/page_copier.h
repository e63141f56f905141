// Copies pages of stopped (or running) processes into the data area of an image, on several
// threads.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "image/writer.h"
#include "memory/extents.h"

namespace stasis::memory {

// What becomes of a page of zeros.
enum class ZeroPages {
  kStore,  // written like any other
  kSkip,   // left out and reported
};

struct CopyJob {
  int memory_fd = -1;  // /proc/PID/mem, or a file: whatever pread(2) takes
  Extents pages;       // where they are, and the slots in the data area (allocated)
  ZeroPages zero_pages = ZeroPages::kStore;
};

struct CopyResult {
  std::vector<std::vector<AddressRange>> zero_ranges;  // for each job, sorted
  std::uint64_t written_bytes = 0;
};

// A page that cannot be read is an Error. A slot that is skipped and was never written reads as
// zeros anyway.
Result<CopyResult> copy_pages(const std::vector<CopyJob>& jobs, image::ImageWriter& image);

}  // namespace stasis::memory
