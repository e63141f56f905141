// Telling one process from a later one with the same pid: the start time in /proc/PID/stat.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

struct ProcessStat {
  char state = '?';  // 'Z' and 'X' are dead
  std::uint64_t start_ticks = 0;
  bool operator==(const ProcessStat&) const = default;
};

// proc(5), /proc/PID/stat: the command in parentheses may hold anything, also ")".
Result<ProcessStat> parse_process_stat(std::string_view text);
Result<ProcessStat> read_process_stat(HostPid pid);

// A pidfd of the process that started at `start_ticks`; nothing when it has ended, zombies
// included.
std::optional<UniqueFd> open_process(HostPid pid, std::uint64_t start_ticks);

}  // namespace stasis::runtime
