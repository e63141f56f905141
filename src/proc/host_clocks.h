// The host's clocks, as the initial time namespace shows them: the zero of timens_offsets.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "proc/namespace_maps.h"

namespace stasis::proc {

struct HostClocks {
  std::int64_t monotonic_ns = 0;
  std::int64_t boottime_ns = 0;
};

std::int64_t to_ns(const TimeOffset& offset);

// Also right when the caller is in a time namespace itself.
Result<HostClocks> read_host_clocks();

}  // namespace stasis::proc
