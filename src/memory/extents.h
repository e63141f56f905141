// Arithmetic on lists of model::DataExtent: sorted by object_offset, not overlapping. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "model/data.h"

namespace stasis::memory {

using Extents = std::vector<model::DataExtent>;

struct AddressRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t bytes() const { return end - start; }
  auto operator<=>(const AddressRange&) const = default;
};

// Adds an extent behind all others; it becomes part of the last one where both continue.
void append_extent(Extents& extents, const model::DataExtent& extent);

// What of `extents` lies in [start, end), cut to it.
Extents clip(const Extents& extents, std::uint64_t start, std::uint64_t end);

// `extents` without `holes` (sorted, not overlapping).
Extents subtract(const Extents& extents, const std::vector<AddressRange>& holes);

std::uint64_t total_bytes(const Extents& extents);

// How pages that were inherited from another process must be changed.
struct PageDifference {
  Extents write;                   // to read from the image
  std::vector<AddressRange> drop;  // there, but not wanted
  std::uint64_t same_bytes = 0;    // stay as they are, shared copy-on-write
};
// From the pages of `have` to those of `want`, in [start, end).
PageDifference compare_pages(const Extents& have, const Extents& want, std::uint64_t start,
                             std::uint64_t end);

}  // namespace stasis::memory
