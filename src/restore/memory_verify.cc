#include "restore/memory_verify.h"

#include <algorithm>

#include "memory/area.h"
#include "proc/smaps.h"

namespace stasis::restore {
namespace {

// What /proc cannot tell apart is made equal: the objects behind the areas.
model::Vma without_objects(model::Vma area) {
  if (area.kind == model::VmaKind::kSharedMemory) area.kind = model::VmaKind::kFile;
  area.file.reset();
  area.shared_memory.reset();
  return area;
}

std::vector<model::Vma> comparable(std::vector<model::Vma> areas) {
  for (auto& area : areas) area = without_objects(std::move(area));
  return memory::merge_neighbours(areas);
}

}  // namespace

Result<void> verify_address_space(const proc::ProcDir& dir, const model::AddressSpace& wanted,
                                  memory::AddressRange courier) {
  STASIS_ASSIGN(const auto details, proc::read_smaps(dir));
  std::vector<model::Vma> live;
  for (const auto& detail : details) {
    const auto& mapping = detail.mapping;
    if (memory::origin_of(detail) == memory::AreaOrigin::kIgnored) continue;
    if (mapping.start >= courier.start && mapping.end <= courier.end) continue;
    live.push_back(memory::describe_area(detail));
  }
  const auto found = comparable(std::move(live));
  const auto expected = comparable(wanted.vmas);
  const auto differ = std::ranges::mismatch(found, expected);
  if (differ.in1 == found.end() && differ.in2 == expected.end()) return {};
  const auto text = [](auto at, auto end) {
    return at == end ? std::string("nothing more") : memory::to_string(*at);
  };
  return fail(ErrorKind::kKernel, "{}: restored memory differs from the image: {} instead of {}",
              dir.name(), text(differ.in1, found.end()), text(differ.in2, expected.end()));
}

}  // namespace stasis::restore
