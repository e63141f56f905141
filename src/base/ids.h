// Process numbers that say whose they are, and addresses in another process.
#pragma once

#include <cstdint>
#include <functional>

#include <sys/types.h>

namespace stasis {

// A process or thread id as the controller's own pid namespace sees it.
struct HostPid {
  pid_t value = 0;
  auto operator<=>(const HostPid&) const = default;
};

// A process, thread, group or session id as the container's pid namespace sees it. 0 in ppid, pgid
// or sid means "outside the container".
struct NsPid {
  pid_t value = 0;
  auto operator<=>(const NsPid&) const = default;
};

// An address in another process: cannot be dereferenced here by mistake.
struct RemoteAddr {
  std::uint64_t value = 0;
  auto operator<=>(const RemoteAddr&) const = default;
  RemoteAddr operator+(std::uint64_t bytes) const { return RemoteAddr{value + bytes}; }
};

}  // namespace stasis

template <>
struct std::hash<stasis::HostPid> {
  std::size_t operator()(const stasis::HostPid& p) const noexcept {
    return std::hash<pid_t>{}(p.value);
  }
};
template <>
struct std::hash<stasis::NsPid> {
  std::size_t operator()(const stasis::NsPid& p) const noexcept {
    return std::hash<pid_t>{}(p.value);
  }
};
