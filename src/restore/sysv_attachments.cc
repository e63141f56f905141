#include "restore/sysv_attachments.h"

#include <sys/mman.h>
#include <sys/shm.h>

#include <map>
#include <utility>

namespace stasis::restore {
namespace {

using Areas = std::vector<const model::Vma*>;

std::uint64_t page_round_up(std::uint64_t bytes) {
  return (bytes + model::kPageSize - 1) / model::kPageSize * model::kPageSize;
}

// shmat gives all that the flags allow.
std::uint32_t protection_of(int flags) {
  std::uint32_t protection = model::kProtRead;
  if ((flags & SHM_RDONLY) == 0) protection |= model::kProtWrite;
  if ((flags & SHM_EXEC) != 0) protection |= model::kProtExec;
  return protection;
}

Attachment plan_one(const model::SharedMemory& memory, std::uint64_t start, const Areas& areas) {
  Attachment attachment{.id = memory.sysv_id, .start = start};
  if (areas.front()->read_only_backing) attachment.flags |= SHM_RDONLY;
  for (const model::Vma* area : areas) {
    if ((area->protection & model::kProtExec) != 0) attachment.flags |= SHM_EXEC;
  }
  std::uint64_t at = start;
  for (const model::Vma* area : areas) {
    if (area->start > at) attachment.unmap.push_back({at, area->start});
    if (area->protection != protection_of(attachment.flags)) {
      attachment.protect.push_back({{area->start, area->end}, area->protection});
    }
    at = area->end;
  }
  const std::uint64_t end = start + page_round_up(memory.content.size);
  if (end > at) attachment.unmap.push_back({at, end});
  return attachment;
}

}  // namespace

bool is_sysv(const model::Container& container, const model::Vma& area) {
  return area.shared_memory &&
         container.shared_memory[*area.shared_memory].kind == model::SharedMemoryKind::kSysv;
}

std::vector<Attachment> plan_attachments(const model::Container& container,
                                         const std::vector<model::Vma>& areas,
                                         const std::vector<std::size_t>& wanted) {
  std::map<std::pair<std::uint64_t, std::uint32_t>, Areas> by_place;
  for (const std::size_t i : wanted) {
    const model::Vma& area = areas[i];
    if (!is_sysv(container, area)) continue;
    by_place[{area.start - area.file_offset, *area.shared_memory}].push_back(&area);
  }
  std::vector<Attachment> attachments;
  for (const auto& [place, parts] : by_place) {
    attachments.push_back(plan_one(container.shared_memory[place.second], place.first, parts));
  }
  return attachments;
}

}  // namespace stasis::restore
