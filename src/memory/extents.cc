#include "memory/extents.h"

#include <algorithm>
#include <limits>

namespace stasis::memory {
namespace {

std::uint64_t end_of(const model::DataExtent& extent) {
  return extent.object_offset + extent.length;
}

model::DataExtent cut(const model::DataExtent& extent, std::uint64_t start, std::uint64_t end) {
  return {start, end - start, extent.data_offset + (start - extent.object_offset)};
}

void append_range(std::vector<AddressRange>& ranges, AddressRange range) {
  if (!ranges.empty() && ranges.back().end == range.start) {
    ranges.back().end = range.end;
  } else {
    ranges.push_back(range);
  }
}

// Walks a list of extents by address: what lies at a position, and where that changes next.
class Cursor {
 public:
  explicit Cursor(const Extents& extents) : at_(extents.begin()), end_(extents.end()) {}

  void move_to(std::uint64_t address) {
    while (at_ != end_ && end_of(*at_) <= address) ++at_;
    address_ = address;
  }
  bool covered() const { return at_ != end_ && at_->object_offset <= address_; }
  std::uint64_t data_offset() const { return at_->data_offset + (address_ - at_->object_offset); }
  std::uint64_t next_change() const {
    if (at_ == end_) return std::numeric_limits<std::uint64_t>::max();
    return covered() ? end_of(*at_) : at_->object_offset;
  }

 private:
  Extents::const_iterator at_;
  Extents::const_iterator end_;
  std::uint64_t address_ = 0;
};

}  // namespace

void append_extent(Extents& extents, const model::DataExtent& extent) {
  if (!extents.empty()) {
    auto& last = extents.back();
    if (end_of(last) == extent.object_offset &&
        last.data_offset + last.length == extent.data_offset) {
      last.length += extent.length;
      return;
    }
  }
  extents.push_back(extent);
}

Extents clip(const Extents& extents, std::uint64_t start, std::uint64_t end) {
  Extents result;
  auto at = std::ranges::upper_bound(extents, start, {}, end_of);
  for (; at != extents.end() && at->object_offset < end; ++at) {
    append_extent(result, cut(*at, std::max(start, at->object_offset), std::min(end, end_of(*at))));
  }
  return result;
}

Extents subtract(const Extents& extents, const std::vector<AddressRange>& holes) {
  Extents result;
  auto hole = holes.begin();
  for (const auto& extent : extents) {
    std::uint64_t from = extent.object_offset;
    const std::uint64_t end = end_of(extent);
    while (hole != holes.end() && hole->end <= from) ++hole;
    for (auto at = hole; at != holes.end() && at->start < end; ++at) {
      if (at->start > from) append_extent(result, cut(extent, from, at->start));
      from = std::max(from, at->end);
    }
    if (from < end) append_extent(result, cut(extent, from, end));
  }
  return result;
}

std::uint64_t total_bytes(const Extents& extents) {
  std::uint64_t sum = 0;
  for (const auto& extent : extents) sum += extent.length;
  return sum;
}

PageDifference compare_pages(const Extents& have, const Extents& want, std::uint64_t start,
                             std::uint64_t end) {
  PageDifference difference;
  Cursor old_pages(have);
  Cursor new_pages(want);
  for (std::uint64_t at = start; at < end;) {
    old_pages.move_to(at);
    new_pages.move_to(at);
    const std::uint64_t next = std::min({end, old_pages.next_change(), new_pages.next_change()});
    if (!new_pages.covered()) {
      if (old_pages.covered()) append_range(difference.drop, {at, next});
    } else if (old_pages.covered() && old_pages.data_offset() == new_pages.data_offset()) {
      difference.same_bytes += next - at;
    } else {
      append_extent(difference.write, {at, next - at, new_pages.data_offset()});
    }
    at = next;
  }
  return difference;
}

}  // namespace stasis::memory
