#include "proc/host_clocks.h"

#include <unistd.h>

#include <ctime>

namespace stasis::proc {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t now_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * kNsPerSecond + time.tv_nsec;
}

}  // namespace

std::int64_t to_ns(const TimeOffset& offset) {
  return offset.seconds * kNsPerSecond + offset.nanoseconds;
}

Result<HostClocks> read_host_clocks() {
  HostClocks clocks{now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_BOOTTIME)};
  STASIS_ASSIGN(const auto self, ProcDir::open(HostPid{::getpid()}));
  const auto own = read_time_offsets(self);
  if (!own && own.error().kind() == ErrorKind::kNotFound) return clocks;
  if (!own) return own.error();
  clocks.monotonic_ns -= to_ns(own->monotonic);
  clocks.boottime_ns -= to_ns(own->boottime);
  return clocks;
}

}  // namespace stasis::proc
