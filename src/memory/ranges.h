// Arithmetic on sets of addresses: sorted ranges that do not touch. Pure.
#pragma once

#include <vector>

#include "memory/extents.h"

namespace stasis::memory {

using Ranges = std::vector<AddressRange>;

// Sorts, and joins what overlaps or touches.
Ranges normalize(Ranges ranges);
Ranges unite(const Ranges& a, const Ranges& b);
Ranges subtract(const Ranges& from, const Ranges& holes);
bool overlaps(const Ranges& ranges, std::uint64_t start, std::uint64_t end);
Ranges ranges_of(const Extents& extents);

// Both lists of extents, which do not overlap, as one.
Extents unite(const Extents& a, const Extents& b);

}  // namespace stasis::memory
