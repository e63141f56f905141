#include "restore/courier_address.h"

#include <algorithm>
#include <vector>

namespace stasis::restore {
namespace {

constexpr std::uint64_t kLowest = std::uint64_t{4} << 30;
constexpr std::uint64_t kHighest = 0x7fff'0000'0000;  // below the 47-bit limit, stacks and vDSO

}  // namespace

Result<courier::CourierPages> plan_courier_address(const model::Container& container,
                                                   std::span<const AddressSpan> also_taken) {
  std::vector<AddressSpan> taken(also_taken.begin(), also_taken.end());
  for (const auto& process : container.processes) {
    for (const auto& vma : process.memory.vmas) taken.push_back({vma.start, vma.end});
  }
  std::ranges::sort(taken, {}, &AddressSpan::start);
  constexpr std::uint64_t kWanted = courier::kPagesBytes + kScratchBytes;
  std::uint64_t candidate = kLowest;
  for (const AddressSpan& span : taken) {
    if (span.end <= candidate) continue;
    if (span.start >= candidate + kWanted) break;
    candidate = span.end;
  }
  if (candidate + kWanted > kHighest) {
    return fail(ErrorKind::kUnsupported, "no {} free bytes of address space in all processes",
                kWanted);
  }
  return courier::CourierPages{RemoteAddr{candidate}};
}

}  // namespace stasis::restore
