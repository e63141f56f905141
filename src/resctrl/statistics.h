// What the resctrl file system tells of a container: the machine's limits, the values of its class
// of service, and what was measured of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci/state.h"

namespace stasis::resctrl {

struct CacheLimits {
  std::string cbm_mask;  // hexadecimal: all that may be set
  std::uint64_t min_cbm_bits = 0, classes = 0;
};
struct BandwidthLimits {
  std::uint64_t granularity = 0, linear = 0, minimum = 0, classes = 0;  // percent
};

// Of one domain of the L3 cache; nothing where the machine does not measure it, or cannot just now.
struct Measured {
  std::optional<std::uint64_t> occupancy_bytes;           // of the cache
  std::optional<std::uint64_t> total_bytes, local_bytes;  // of memory traffic
};

struct Statistics {
  std::optional<CacheLimits> cache;
  std::string cache_schema, root_cache_schema;  // "L3:0=7f0"; "" without the feature
  std::optional<BandwidthLimits> bandwidth;
  std::string bandwidth_schema, root_bandwidth_schema;  // "MB:0=20"
  std::vector<Measured> domains;                        // by their numbers
};

// kNotFound: the group is gone.
Result<Statistics> read_statistics(const std::string& root, const oci::ResctrlGroup& group);

}  // namespace stasis::resctrl
