#include "restore/address_plan.h"

#include <algorithm>

namespace stasis::restore {
namespace {

bool is_kernel_area(const proc::Mapping& mapping) {
  return mapping.path == "[vdso]" || mapping.path == "[vvar]" || mapping.path == "[vvar_vclock]" ||
         mapping.path == "[vsyscall]";
}

// Adds `range` less what `kept` (sorted) covers.
void add_uncovered(std::vector<memory::AddressRange>& out, memory::AddressRange range,
                   const std::vector<memory::AddressRange>& kept) {
  for (const auto& hole : kept) {
    if (hole.end <= range.start || hole.start >= range.end) continue;
    if (hole.start > range.start) out.push_back({range.start, hole.start});
    range.start = std::min(hole.end, range.end);
  }
  if (range.start < range.end) out.push_back(range);
}

}  // namespace

bool is_vdso_area(model::VmaKind kind) {
  return kind == model::VmaKind::kVdso || kind == model::VmaKind::kVvar ||
         kind == model::VmaKind::kVvarVclock;
}

bool same_area(const model::Vma& have, const model::Vma& want) {
  return have.start == want.start && have.end == want.end && have.kind == want.kind &&
         have.shared == want.shared && have.grows_down == want.grows_down &&
         have.no_reserve == want.no_reserve && have.huge_tlb == want.huge_tlb &&
         have.file == want.file && have.shared_memory == want.shared_memory &&
         have.file_offset == want.file_offset && have.advice == want.advice &&
         have.protection == want.protection && !want.huge_tlb;
}

AddressPlan plan_address_space(const std::vector<proc::Mapping>& present,
                               const std::vector<model::Vma>* parent,
                               const std::vector<model::Vma>& wanted,
                               memory::AddressRange reserved) {
  AddressPlan plan;
  std::vector<memory::AddressRange> kept{reserved};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_vdso_area(wanted[i].kind)) continue;
    const bool inherited = parent != nullptr && std::ranges::any_of(*parent, [&](const auto& have) {
                             return same_area(have, wanted[i]);
                           });
    if (inherited) {
      plan.keep.push_back(i);
      kept.push_back({wanted[i].start, wanted[i].end});
    } else {
      plan.map.push_back(i);
    }
  }
  std::ranges::sort(kept);
  for (const auto& mapping : present) {
    if (is_kernel_area(mapping)) continue;
    add_uncovered(plan.unmap, {mapping.start, mapping.end}, kept);
  }
  return plan;
}

}  // namespace stasis::restore
