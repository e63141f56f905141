// What /proc/self/smaps says about the mapping at an address.
#pragma once

#include <cstdint>
#include <string>

namespace stasis::workload {

struct SmapsEntry {
  std::string range;        // "7f00-7f10"
  std::string permissions;  // "rw-p"
  std::string flags;        // "rd wr mr", without those that tell of the past only (sd, ac)
  std::int64_t rss_kib = 0;
  std::int64_t pss_kib = 0;
};

SmapsEntry read_smaps(const void* address);

}  // namespace stasis::workload
