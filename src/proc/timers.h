// /proc/PID/timers: POSIX timers, timer_create(2), of a process (proc_pid_timers(5);
// CONFIG_POSIX_TIMERS with CONFIG_CHECKPOINT_RESTORE). Not here: when they expire, which only the
// process itself can ask (timer_gettime(2)).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct PosixTimerInfo {
  std::int32_t id = 0;
  std::int32_t signal = 0;
  std::uint64_t value = 0;  // sigev_value
  std::int32_t notify = 0;  // SIGEV_SIGNAL 0, SIGEV_NONE 1, SIGEV_THREAD 2; | SIGEV_THREAD_ID 4
  HostPid target;           // thread with SIGEV_THREAD_ID, else the process
  std::int32_t clock = 0;   // CLOCK_
  bool operator==(const PosixTimerInfo&) const = default;
};

Result<std::vector<PosixTimerInfo>> parse_timers(std::string_view text);
// kNotFound: this kernel has no such file.
Result<std::vector<PosixTimerInfo>> read_timers(const ProcDir& dir);

}  // namespace stasis::proc
