// The memory of another process through /proc/PID/mem: reads do not pin pages (process_vm_readv
// does, and un-shares copy-on-write pages by it), writes reach read-only and executable pages.
// Needs ptrace access; the process need not be stopped.
#pragma once

#include <cstddef>
#include <span>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::trace {

class RemoteMemory {
 public:
  static Result<RemoteMemory> open(HostPid pid);

  // All of `into`; an unmapped address is EIO.
  Result<void> read(RemoteAddr from, std::span<std::byte> into) const;
  Result<void> write(RemoteAddr to, std::span<const std::byte> bytes) const;
  int fd() const { return fd_.get(); }

 private:
  RemoteMemory(HostPid pid, UniqueFd fd) : pid_(pid), fd_(std::move(fd)) {}
  HostPid pid_;
  UniqueFd fd_;
};

}  // namespace stasis::trace
