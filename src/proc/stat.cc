#include "proc/stat.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "stat";

void parse_identity(Fields& fields, TaskStat& stat) {
  std::string_view state;
  fields.word("state", state)
      .number("ppid", stat.ppid.value)
      .number("pgrp", stat.pgrp.value)
      .number("session", stat.session.value)
      .number("tty_nr", stat.tty_nr)
      .number("tpgid", stat.tpgid.value)
      .number("flags", stat.flags);
  if (!fields.ok()) return;
  const auto known = find_task_state(state);
  if (!known) fields.wrong("state", "a state letter", state);
  stat.state = known.value_or(TaskState::kRunning);
}

void parse_usage(Fields& fields, TaskStat& stat) {
  fields.number("minflt", stat.minflt)
      .number("cminflt", stat.cminflt)
      .number("majflt", stat.majflt)
      .number("cmajflt", stat.cmajflt)
      .number("utime", stat.utime_ticks)
      .number("stime", stat.stime_ticks)
      .number("cutime", stat.cutime_ticks)
      .number("cstime", stat.cstime_ticks)
      .number("priority", stat.priority)
      .number("nice", stat.nice)
      .number("num_threads", stat.num_threads)
      .number("itrealvalue", stat.itrealvalue)
      .number("starttime", stat.starttime_ticks)
      .number("vsize", stat.vsize_bytes)
      .number("rss", stat.rss_pages)
      .number("rsslim", stat.rsslim_bytes);
}

void parse_addresses_and_signals(Fields& fields, TaskStat& stat) {
  fields.number("startcode", stat.start_code)
      .number("endcode", stat.end_code)
      .number("startstack", stat.start_stack)
      .number("kstkesp", stat.kstkesp)
      .number("kstkeip", stat.kstkeip)
      .number("signal", stat.signal)
      .number("blocked", stat.blocked)
      .number("sigignore", stat.sigignore)
      .number("sigcatch", stat.sigcatch)
      .number("wchan", stat.wchan)
      .number("nswap", stat.nswap)
      .number("cnswap", stat.cnswap);
}

void parse_tail(Fields& fields, TaskStat& stat) {
  fields.number("exit_signal", stat.exit_signal)
      .number("processor", stat.processor)
      .number("rt_priority", stat.rt_priority)
      .number("policy", stat.policy)
      .number("delayacct_blkio_ticks", stat.delayacct_blkio_ticks)
      .number("guest_time", stat.guest_time_ticks)
      .number("cguest_time", stat.cguest_time_ticks)
      .number("start_data", stat.start_data)
      .number("end_data", stat.end_data)
      .number("start_brk", stat.start_brk)
      .number("arg_start", stat.arg_start)
      .number("arg_end", stat.arg_end)
      .number("env_start", stat.env_start)
      .number("env_end", stat.env_end)
      .number("exit_code", stat.exit_code);
}

}  // namespace

Result<TaskStat> parse_stat(std::string_view text) {
  TaskStat stat;
  // comm stands unescaped in parentheses and may hold any of " ()\n": the last ')' ends it.
  const auto open = text.find(" (");
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2) {
    return unexpected(kFile, 1, "comm", "a name in parentheses", text);
  }
  stat.comm = text.substr(open + 2, close - open - 2);
  auto tail = text.substr(close + 1);
  if (tail.ends_with('\n')) tail.remove_suffix(1);

  Fields fields(kFile, 1, tail);
  fields.number_of("pid", text.substr(0, open), stat.pid.value);
  parse_identity(fields, stat);
  parse_usage(fields, stat);
  parse_addresses_and_signals(fields, stat);
  parse_tail(fields, stat);
  STASIS_TRY(fields.done());
  return stat;
}

Result<TaskStat> read_stat(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("stat"));
  return parse_stat(text).context(dir.name());
}

}  // namespace stasis::proc
