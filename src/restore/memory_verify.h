// Compares a restored address space with that of the image.
#pragma once

#include "base/result.h"
#include "memory/extents.h"
#include "model/memory.h"
#include "proc/proc_dir.h"

namespace stasis::restore {

// The areas, with protections and flags, less those inside `courier`; pages are not read. kKernel
// names the first difference.
Result<void> verify_address_space(const proc::ProcDir& dir, const model::AddressSpace& wanted,
                                  memory::AddressRange courier);

}  // namespace stasis::restore
