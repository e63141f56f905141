// How the areas of an address space come from System V segments: shmat(2) maps a whole segment, of
// which a program may have unmapped parts or changed the protection since. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/extents.h"
#include "model/container.h"

namespace stasis::restore {

struct Attachment {
  std::uint32_t id = 0;                     // of the segment
  std::uint64_t start = 0;                  // where it is attached, whole
  int flags = 0;                            // SHM_RDONLY, SHM_EXEC
  std::vector<memory::AddressRange> unmap;  // parts that the program has no more
  struct Protect {
    memory::AddressRange range;
    std::uint32_t protection = 0;
  };
  std::vector<Protect> protect;
};

// `wanted`: indexes into `areas` of those that are to be mapped; others than of segments are
// ignored. Areas of one segment that fit together are one attachment.
std::vector<Attachment> plan_attachments(const model::Container& container,
                                         const std::vector<model::Vma>& areas,
                                         const std::vector<std::size_t>& wanted);

bool is_sysv(const model::Container& container, const model::Vma& area);

}  // namespace stasis::restore
