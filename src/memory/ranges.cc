#include "memory/ranges.h"

#include <algorithm>
#include <iterator>

namespace stasis::memory {

Ranges normalize(Ranges ranges) {
  std::ranges::sort(ranges);
  Ranges result;
  for (const auto& range : ranges) {
    if (!result.empty() && range.start <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else if (range.start < range.end) {
      result.push_back(range);
    }
  }
  return result;
}

Ranges unite(const Ranges& a, const Ranges& b) {
  Ranges both = a;
  both.insert(both.end(), b.begin(), b.end());
  return normalize(std::move(both));
}

Ranges subtract(const Ranges& from, const Ranges& holes) {
  Ranges result;
  auto hole = holes.begin();
  for (AddressRange range : from) {
    while (hole != holes.end() && hole->end <= range.start) ++hole;
    for (auto at = hole; at != holes.end() && at->start < range.end; ++at) {
      if (at->start > range.start) result.push_back({range.start, at->start});
      range.start = std::max(range.start, std::min(at->end, range.end));
    }
    if (range.start < range.end) result.push_back(range);
  }
  return result;
}

bool overlaps(const Ranges& ranges, std::uint64_t start, std::uint64_t end) {
  const auto at = std::ranges::upper_bound(ranges, start, {}, &AddressRange::end);
  return at != ranges.end() && at->start < end;
}

Ranges ranges_of(const Extents& extents) {
  Ranges ranges;
  for (const auto& extent : extents) {
    ranges.push_back({extent.object_offset, extent.object_offset + extent.length});
  }
  return normalize(std::move(ranges));
}

Extents unite(const Extents& a, const Extents& b) {
  Extents sorted;
  sorted.reserve(a.size() + b.size());
  std::ranges::merge(a, b, std::back_inserter(sorted));
  Extents result;
  for (const auto& extent : sorted) append_extent(result, extent);
  return result;
}

}  // namespace stasis::memory
