// Which pages of an area an image must hold.
#pragma once

#include <vector>

#include "base/result.h"
#include "model/memory.h"
#include "sys/pagemap.h"

namespace stasis::memory {

// The request for the pages of a private area that differ from what mapping it anew would show:
// present or swapped, not the kernel's zero page, and in mappings of files only the pages that were
// copied on write. Guard pages come back too, with kPageGuard, if that is among the categories
// `known` to the kernel.
sys::PageScan plan_saved_pages_scan(const model::Vma& area, std::uint64_t known);
// For the guard pages of an area without pages of its own.
sys::PageScan plan_guards_scan(const model::Vma& area);

// Whether an area has pages of its own at all: shared areas and the vDSO's have not.
bool has_own_pages(const model::Vma& area);

}  // namespace stasis::memory
