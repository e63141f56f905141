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

// What becomes of pages that cannot be read: unmapped meanwhile, or the process is gone.
enum class UnreadablePages {
  kFail,
  kSkip,  // left out and reported
};

struct CopyJob {
  int memory_fd = -1;  // /proc/PID/mem, or a file: whatever pread(2) takes
  Extents pages;       // where they are, and the slots in the data area (allocated)
  ZeroPages zero_pages = ZeroPages::kStore;
  UnreadablePages unreadable_pages = UnreadablePages::kFail;
};

struct CopyResult {
  // For each job, sorted.
  std::vector<std::vector<AddressRange>> zero_ranges;
  std::vector<std::vector<AddressRange>> unread_ranges;
  std::uint64_t written_bytes = 0;
};

enum class Parallelism {
  kInBackground,  // beside a running container: one thread, which gives way to others
  kManyThreads,   // while it is stopped
};

// A slot that is skipped and was never written reads as zeros anyway.
Result<CopyResult> copy_pages(const std::vector<CopyJob>& jobs, image::ImageWriter& image,
                              Parallelism parallelism = Parallelism::kManyThreads);

}  // namespace stasis::memory
