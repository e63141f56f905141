// What user and time namespaces translate: /proc/PID/uid_map, gid_map (user_namespaces(7)) and
// timens_offsets (time_namespaces(7)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct IdRange {
  std::uint32_t inside = 0;   // first id in the namespace
  std::uint32_t outside = 0;  // the same id in the reader's namespace, or in the parent for itself
  std::uint32_t count = 0;    // 4294967295: all, in the initial namespace
  bool operator==(const IdRange&) const = default;
};

// `file`: "uid_map" or "gid_map". Empty: nothing mapped yet.
Result<std::vector<IdRange>> parse_id_map(std::string_view file, std::string_view text);
Result<std::vector<IdRange>> read_uid_map(const ProcDir& dir);
Result<std::vector<IdRange>> read_gid_map(const ProcDir& dir);

// What is added to the host's clock to get the namespace's.
struct TimeOffset {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const TimeOffset&) const = default;
};
struct TimeOffsets {
  TimeOffset monotonic;
  TimeOffset boottime;
  bool operator==(const TimeOffsets&) const = default;
};

// Of the time namespace for children, which is not the task's own right after unshare(2).
Result<TimeOffsets> parse_time_offsets(std::string_view text);
// kNotFound: this kernel has no time namespaces.
Result<TimeOffsets> read_time_offsets(const ProcDir& dir);

}  // namespace stasis::proc
