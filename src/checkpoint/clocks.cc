#include "checkpoint/clocks.h"

#include <ctime>

#include "proc/host_clocks.h"

namespace stasis::checkpoint {

Result<model::Clocks> read_container_clocks(const proc::ProcDir& init) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  STASIS_ASSIGN(const proc::HostClocks host, proc::read_host_clocks());
  model::Clocks clocks{.realtime_ns = proc::to_ns({now.tv_sec, 0}) + now.tv_nsec,
                       .monotonic_ns = host.monotonic_ns,
                       .boottime_ns = host.boottime_ns};
  const auto offsets = proc::read_time_offsets(init);
  if (!offsets && offsets.error().kind() == ErrorKind::kNotFound) return clocks;
  if (!offsets) return offsets.error();
  clocks.monotonic_ns += proc::to_ns(offsets->monotonic);
  clocks.boottime_ns += proc::to_ns(offsets->boottime);
  return clocks;
}

}  // namespace stasis::checkpoint
