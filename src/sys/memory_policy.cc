#include "sys/memory_policy.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> set_memory_policy(int mode, std::span<const std::uint64_t> nodes) {
  // The kernel takes one less than it is told.
  const unsigned long bits = nodes.empty() ? 0 : nodes.size() * 64 + 1;
  if (::syscall(SYS_set_mempolicy, mode, nodes.data(), bits) != 0) {
    return last_error("set_mempolicy {:#x}", static_cast<unsigned>(mode));
  }
  return {};
}

}  // namespace stasis::sys
