#include "checkpoint/clocks.h"

#include <ctime>

#include "proc/namespace_maps.h"

namespace stasis::checkpoint {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::int64_t now_ns(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

std::int64_t to_ns(const proc::TimeOffset& offset) {
  return offset.seconds * kNsPerSecond + offset.nanoseconds;
}

}  // namespace

Result<model::Clocks> read_container_clocks(const proc::ProcDir& init) {
  model::Clocks clocks{.realtime_ns = now_ns(CLOCK_REALTIME),
                       .monotonic_ns = now_ns(CLOCK_MONOTONIC),
                       .boottime_ns = now_ns(CLOCK_BOOTTIME)};
  const auto offsets = proc::read_time_offsets(init);
  if (!offsets && offsets.error().kind() == ErrorKind::kNotFound) return clocks;
  if (!offsets) return offsets.error();
  clocks.monotonic_ns += to_ns(offsets->monotonic);
  clocks.boottime_ns += to_ns(offsets->boottime);
  return clocks;
}

}  // namespace stasis::checkpoint
