#include "memory/page_parts.h"

#include <algorithm>

namespace stasis::memory {
namespace {

void add_clean(std::vector<PagePart>& parts, const model::DataExtent& slots,
               const PreCopiedPages& before) {
  const std::uint64_t end = slots.object_offset + slots.length;
  const auto first =
      std::ranges::upper_bound(before.zeros, slots.object_offset, {}, &AddressRange::end);
  const auto last = std::ranges::lower_bound(before.zeros, end, {}, &AddressRange::start);
  const std::vector<AddressRange> zeros(first, std::max(first, last));
  for (const auto& extent : subtract({slots}, zeros)) {
    parts.push_back({.start = extent.object_offset,
                     .end = extent.object_offset + extent.length,
                     .slot = extent.data_offset,
                     .fate = PagePart::Fate::kKeep});
  }
}

}  // namespace

std::vector<PagePart> plan_parts(const sys::PageRange& found, const PreCopiedPages* before) {
  if (before == nullptr) return {{.start = found.start, .end = found.end}};
  const bool clean = (found.categories & sys::kPageWriteTracked) != 0 &&
                     (found.categories & sys::kPageWritten) == 0;
  std::vector<PagePart> parts;
  std::uint64_t at = found.start;
  for (const auto& slots : clip(before->slots, found.start, found.end)) {
    if (at < slots.object_offset) parts.push_back({.start = at, .end = slots.object_offset});
    at = slots.object_offset + slots.length;
    if (clean) {
      add_clean(parts, slots, *before);
    } else {
      parts.push_back({.start = slots.object_offset, .end = at, .slot = slots.data_offset});
    }
  }
  if (at < found.end) parts.push_back({.start = at, .end = found.end});
  return parts;
}

std::uint64_t frame_key(sys::PagemapEntry entry) {
  if (entry.frame() == 0) return 0;
  if (entry.present()) return entry.exclusive() ? 0 : entry.frame() << 1;
  // A swap slot does not say whether others refer to it too.
  return entry.swapped() ? entry.frame() << 1 | 1 : 0;
}

}  // namespace stasis::memory
