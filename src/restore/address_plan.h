// What must change between the address space that a task has and the one it shall have. Pure.
#pragma once

#include <optional>
#include <vector>

#include "memory/extents.h"
#include "model/memory.h"
#include "proc/maps.h"

namespace stasis::restore {

struct AddressPlan {
  std::vector<memory::AddressRange> unmap;
  // Indexes into the wanted vmas.
  std::vector<std::size_t> keep;  // inherited as they are
  std::vector<std::size_t> map;
};

// Whether an inherited area can stay: same place and backing. Its pages may differ.
bool same_area(const model::Vma& have, const model::Vma& want);

// `present`: /proc/PID/maps of the task. `parent`: the areas of the process that it inherited from.
// `reserved`: the courier's pages, which stay. The vDSO's areas and [vsyscall] are left alone.
AddressPlan plan_address_space(const std::vector<proc::Mapping>& present,
                               const std::vector<model::Vma>* parent,
                               const std::vector<model::Vma>& wanted,
                               memory::AddressRange reserved);

bool is_vdso_area(model::VmaKind kind);

}  // namespace stasis::restore
