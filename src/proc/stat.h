// /proc/PID/stat and /proc/PID/task/TID/stat (proc_pid_stat(5), fs/proc/array.c do_task_stat).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"
#include "proc/status.h"

namespace stasis::proc {

// All 52 columns in their order. Addresses in bytes; they and exit_code are 0 (start_code,
// end_code: 1) for a reader without ptrace access. Ticks: 1/sysconf(_SC_CLK_TCK) s.
struct TaskStat {
  HostPid pid;
  std::string comm;  // any bytes
  TaskState state = TaskState::kRunning;
  HostPid ppid, pgrp, session;
  std::int32_t tty_nr = 0;  // dev_t of the controlling terminal, 0: none (kernel's "new" encoding)
  HostPid tpgid;            // -1: no controlling terminal
  std::uint32_t flags = 0;  // PF_ bits
  std::uint64_t minflt = 0, cminflt = 0, majflt = 0, cmajflt = 0;
  std::uint64_t utime_ticks = 0, stime_ticks = 0;
  std::int64_t cutime_ticks = 0, cstime_ticks = 0;
  std::int64_t priority = 0;
  std::int32_t nice = 0;
  std::uint32_t num_threads = 0;
  std::int64_t itrealvalue = 0;       // always 0 since Linux 2.6.17
  std::uint64_t starttime_ticks = 0;  // since boot, in the boot clock of the reader
  std::uint64_t vsize_bytes = 0;
  std::int64_t rss_pages = 0;
  std::uint64_t rsslim_bytes = 0;
  std::uint64_t start_code = 0, end_code = 0, start_stack = 0;
  std::uint64_t kstkesp = 0, kstkeip = 0;
  std::uint64_t signal = 0, blocked = 0, sigignore = 0, sigcatch = 0;  // first 31 signals only
  std::uint64_t wchan = 0, nswap = 0, cnswap = 0;
  std::int32_t exit_signal = 0;  // of the thread group; -1 for other threads
  std::int32_t processor = 0;
  std::uint32_t rt_priority = 0;
  std::uint32_t policy = 0;  // SCHED_
  std::uint64_t delayacct_blkio_ticks = 0, guest_time_ticks = 0;
  std::int64_t cguest_time_ticks = 0;
  std::uint64_t start_data = 0, end_data = 0, start_brk = 0;
  std::uint64_t arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
  std::int32_t exit_code = 0;  // wait(2) status
  bool operator==(const TaskStat&) const = default;
};

Result<TaskStat> parse_stat(std::string_view text);
Result<TaskStat> read_stat(const ProcDir& dir);

}  // namespace stasis::proc
