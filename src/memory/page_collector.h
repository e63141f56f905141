// Saves the pages of stopped processes: finds what must be saved, gives each page a slot in the
// data area, and copies. Pages that several processes share copy-on-write are stored once.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "image/writer.h"
#include "memory/extents.h"
#include "model/memory.h"

namespace stasis::memory {

// What was copied while the process ran. A page that has not been written since is as it was then.
struct PreCopiedPages {
  Extents slots;                      // of all pages that were read
  std::vector<AddressRange> zeros;    // those of them that held zeros
  std::vector<AddressRange> tracked;  // where our own userfaultfd watches for writes
};

// A process whose areas are collected. Everything is borrowed; `space` gets its pages.
struct PageSource {
  NsPid pid;            // for messages
  int memory_fd = -1;   // /proc/PID/mem
  int pagemap_fd = -1;  // /proc/PID/pagemap
  model::AddressSpace* space = nullptr;
  const PreCopiedPages* pre_copied = nullptr;  // nothing was
};

struct PageStatistics {
  std::uint64_t copied_bytes = 0;      // in this call, pages of zeros included
  std::uint64_t pre_copied_bytes = 0;  // taken from before
  std::uint64_t shared_bytes = 0;      // stored already for another process
};

// Sets Vma::pages of every private area. All processes are stopped.
Result<PageStatistics> collect_pages(const std::vector<PageSource>& sources,
                                     image::ImageWriter& image);

}  // namespace stasis::memory
