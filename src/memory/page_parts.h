// The parts of one area while its pages get their slots: what is in the image already, what must be
// copied where. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "memory/extents.h"
#include "memory/page_collector.h"
#include "sys/pagemap.h"

namespace stasis::memory {

// Consecutive pages with one fate.
struct PagePart {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::optional<std::uint64_t> slot;  // data_offset of the first page, once it has one
  enum class Fate {
    kCopy,   // must be read now
    kKeep,   // was read before and has not changed
    kShare,  // another process's page, stored with it
  } fate = Fate::kCopy;
  // Of pages that other processes map too: what tells that they are the same one. Single pages.
  std::uint64_t frame_key = 0;
  std::uint64_t bytes() const { return end - start; }
};

// The parts of one range that a scan found. `before`: nullptr when nothing was copied before.
std::vector<PagePart> plan_parts(const sys::PageRange& found, const PreCopiedPages* before);

// What identifies the page behind an entry among all processes; 0 when no other maps it, or when
// the kernel does not tell.
std::uint64_t frame_key(sys::PagemapEntry entry);

}  // namespace stasis::memory
