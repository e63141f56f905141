// On which NUMA nodes a task's memory is: set_mempolicy(2). Inherited by children and kept across
// execve.
// ENOSYS (kUnsupported): a kernel without NUMA. EINVAL: no such mode or combination of flags, or
// none of the nodes has memory that the task may use (its cpuset, "Mems_allowed" of proc(5)).
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace stasis::sys {

// `mode`: MPOL_ of linux/mempolicy.h, with its flags. Bit n of word n/64 of `nodes`: node n.
Result<void> set_memory_policy(int mode, std::span<const std::uint64_t> nodes);

}  // namespace stasis::sys
