#include "proc/stat.h"

#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

// Each column has a value of its own.
constexpr const char* kTail =
    " S 4 5 6 34816 -1 4194304 10 11 12 13 14 15 -16 -17 -18 -19 20 0 22 23 -24 "
    "18446744073709551615 26 27 28 29 30 31 32 33 34 35 36 37 17 39 40 1 42 43 -44 45 46 47 48 49 "
    "50 51 35584\n";

TEST(ParseStat, ReadsEveryColumn) {
  const auto stat = parse_stat(std::string("3 (sh)") + kTail);
  ASSERT_TRUE(stat) << stat.error().message();
  TaskStat expected;
  expected.pid = HostPid{3};
  expected.comm = "sh";
  expected.state = TaskState::kSleeping;
  expected.ppid = HostPid{4};
  expected.pgrp = HostPid{5};
  expected.session = HostPid{6};
  expected.tty_nr = 34816;
  expected.tpgid = HostPid{-1};
  expected.flags = 4194304;
  expected.minflt = 10;
  expected.cminflt = 11;
  expected.majflt = 12;
  expected.cmajflt = 13;
  expected.utime_ticks = 14;
  expected.stime_ticks = 15;
  expected.cutime_ticks = -16;
  expected.cstime_ticks = -17;
  expected.priority = -18;
  expected.nice = -19;
  expected.num_threads = 20;
  expected.starttime_ticks = 22;
  expected.vsize_bytes = 23;
  expected.rss_pages = -24;
  expected.rsslim_bytes = UINT64_MAX;
  expected.start_code = 26;
  expected.end_code = 27;
  expected.start_stack = 28;
  expected.kstkesp = 29;
  expected.kstkeip = 30;
  expected.signal = 31;
  expected.blocked = 32;
  expected.sigignore = 33;
  expected.sigcatch = 34;
  expected.wchan = 35;
  expected.nswap = 36;
  expected.cnswap = 37;
  expected.exit_signal = 17;
  expected.processor = 39;
  expected.rt_priority = 40;
  expected.policy = 1;
  expected.delayacct_blkio_ticks = 42;
  expected.guest_time_ticks = 43;
  expected.cguest_time_ticks = -44;
  expected.start_data = 45;
  expected.end_data = 46;
  expected.start_brk = 47;
  expected.arg_start = 48;
  expected.arg_end = 49;
  expected.env_start = 50;
  expected.env_end = 51;
  expected.exit_code = 35584;
  EXPECT_EQ(*stat, expected);
}

TEST(ParseStat, TakesAnyBytesAsComm) {
  for (const std::string comm : {"", "a b", "x) R 1 (y", ") S 1", "a\nb", "(", "((sd-pam))"}) {
    const auto stat = parse_stat("3 (" + comm + ")" + kTail);
    ASSERT_TRUE(stat) << stat.error().message();
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->ppid, HostPid{4});
  }
}

TEST(ParseStat, TakesColumnsOfLaterKernels) {
  EXPECT_TRUE(parse_stat(std::string("3 (sh)") + std::string(kTail, strlen(kTail) - 1) + " 1 2\n"));
}

TEST(ParseStat, NamesTheField) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"", "stat line 1: comm: expected a name in parentheses, found ''"},
      {"3 sh S", "stat line 1: comm: expected a name in parentheses, found '3 sh S'"},
      {") (", "stat line 1: comm: expected a name in parentheses, found ') ('"},
      {std::string("x (sh)") + kTail, "stat line 1: pid: expected a decimal number, found 'x'"},
      {"3 (sh)", "stat line 1: state: expected a field, found end of line"},
      {"3 (sh) Q 4 5 6 0 -1 0", "stat line 1: state: expected a state letter, found 'Q'"},
      {"3 (sh) S 4 5 6 0 -1 -1", "stat line 1: flags: expected a decimal number, found '-1'"},
      {"3 (sh) S 4 5 6 0 -1 0 0", "stat line 1: cminflt: expected a field, found end of line"},
  };
  for (const auto& c : cases) EXPECT_EQ(message_of(parse_stat(c.text)), c.message);
}

}  // namespace
}  // namespace stasis::proc
