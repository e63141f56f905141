// Where the courier's pages fit in every process of an image.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "courier/courier.h"
#include "model/container.h"

namespace stasis::restore {

// Room behind the courier's pages through which the vDSO travels to its place.
inline constexpr std::uint64_t kScratchBytes = std::uint64_t{1} << 20;

struct AddressSpan {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

// The lowest place from 4 GiB on for courier::kPagesBytes + kScratchBytes that no area of any
// process touches, nor one of `also_taken` (the areas of the program that init still is). Pure.
Result<courier::CourierPages> plan_courier_address(const model::Container& container,
                                                   std::span<const AddressSpan> also_taken);

inline RemoteAddr scratch_of(const courier::CourierPages& pages) {
  return pages.base + courier::kPagesBytes;
}

}  // namespace stasis::restore
