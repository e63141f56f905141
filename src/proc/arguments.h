// What a program was started with: /proc/PID/cmdline and /proc/PID/auxv.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// Arguments end with NUL bytes; a program that rewrote its title may have left none. Empty for a
// zombie and for a kernel thread.
std::vector<std::string> parse_cmdline(std::string_view bytes);
Result<std::vector<std::string>> read_cmdline(const ProcDir& dir);

struct AuxvEntry {
  std::uint64_t type = 0;  // AT_
  std::uint64_t value = 0;
  bool operator==(const AuxvEntry&) const = default;
};

// The pairs before AT_NULL; there must be one, unless `bytes` is empty.
Result<std::vector<AuxvEntry>> parse_auxv(std::string_view bytes);
// kTaskDied (ESRCH) also for a zombie and for a kernel thread: neither has memory.
Result<std::vector<AuxvEntry>> read_auxv(const ProcDir& dir);

}  // namespace stasis::proc
