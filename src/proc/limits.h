// /proc/PID/limits: resource limits (proc_pid_limits(5)). Readable where prlimit(2) on a task of
// another uid would need CAP_SYS_RESOURCE.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct Limit {
  std::uint64_t soft = 0;  // UINT64_MAX: unlimited (RLIM_INFINITY)
  std::uint64_t hard = 0;
  bool operator==(const Limit&) const = default;
};

// Indexed by RLIMIT_; always 16 entries.
Result<std::vector<Limit>> parse_limits(std::string_view text);
Result<std::vector<Limit>> read_limits(const ProcDir& dir);

}  // namespace stasis::proc
