#include "trace/remote_memory.h"

#include <fcntl.h>

#include "sys/file.h"

namespace stasis::trace {

Result<RemoteMemory> RemoteMemory::open(HostPid pid) {
  STASIS_ASSIGN(UniqueFd fd, sys::open(fmt::format("/proc/{}/mem", pid.value), O_RDWR));
  return RemoteMemory(pid, std::move(fd));
}

Result<void> RemoteMemory::read(RemoteAddr from, std::span<std::byte> into) const {
  return sys::pread_exact(fd_.get(), into, from.value)
      .context(fmt::format("reading memory of pid {} at {:#x}", pid_.value, from.value));
}

Result<void> RemoteMemory::write(RemoteAddr to, std::span<const std::byte> bytes) const {
  return sys::pwrite_all(fd_.get(), bytes, to.value)
      .context(fmt::format("writing memory of pid {} at {:#x}", pid_.value, to.value));
}

}  // namespace stasis::trace
