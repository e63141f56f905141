#include "proc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string status_text(const std::string& name_line = "Name:\tredis-server\n",
                        const std::string& extra = "") {
  return name_line +
         "State:\tS (sleeping)\nTgid:\t120\nNgid:\t0\nPid:\t121\nPPid:\t100\nTracerPid:\t77\n"
         "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t256\nGroups:\t9 10 \n"
         "Threads:\t5\nSigQ:\t0/96343\n"
         "SigPnd:\t0000000000000001\nShdPnd:\t0000000000000002\nSigBlk:\t8000000000000000\n"
         "SigIgn:\t0000000000001000\nSigCgt:\t0000000188004002\n"
         "CapInh:\t0000000000000010\nCapPrm:\t000001fffeffffff\nCapEff:\t0000000000000020\n"
         "CapBnd:\t0000000000000030\nCapAmb:\t0000000000000040\nNoNewPrivs:\t1\n" +
         extra;
}

TEST(ParseStatus, ReadsWhatEveryTaskHas) {
  const auto status = parse_status(status_text());
  ASSERT_TRUE(status) << status.error().message();
  TaskStatus expected;
  expected.name = "redis-server";
  expected.state = TaskState::kSleeping;
  expected.tgid = HostPid{120};
  expected.pid = HostPid{121};
  expected.ppid = HostPid{100};
  expected.tracer_pid = HostPid{77};
  expected.uid = {1, 2, 3, 4};
  expected.gid = {5, 6, 7, 8};
  expected.groups = {9, 10};
  expected.threads = 5;
  expected.signals_pending = 1;
  expected.shared_signals_pending = 2;
  expected.signals_blocked = 0x8000000000000000;
  expected.signals_ignored = 0x1000;
  expected.signals_caught = 0x188004002;
  expected.cap_inheritable = 0x10;
  expected.cap_permitted = 0x1fffeffffff;
  expected.cap_effective = 0x20;
  expected.cap_bounding = 0x30;
  expected.cap_ambient = 0x40;
  expected.no_new_privs = true;
  EXPECT_EQ(*status, expected);
}

TEST(ParseStatus, ReadsWhatOnlySomeTasksAndKernelsHave) {
  const auto status = parse_status(status_text("Name:\tx\n",
                                               "Umask:\t0027\nNStgid:\t120\t4\t1\n"
                                               "NSpid:\t121\t5\t2\nNSpgid:\t120\t4\t0\n"
                                               "NSsid:\t90\t0\t0\nCoreDumping:\t0\n"
                                               "THP_enabled:\t1\nSeccomp:\t2\n"
                                               "Seccomp_filters:\t3\nx86_Thread_features:\t\n"));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_EQ(status->umask, 0027u);
  EXPECT_THAT(status->ns_tgid, ElementsAre(NsPid{120}, NsPid{4}, NsPid{1}));
  EXPECT_THAT(status->ns_pid, ElementsAre(NsPid{121}, NsPid{5}, NsPid{2}));
  EXPECT_THAT(status->ns_pgid, ElementsAre(NsPid{120}, NsPid{4}, NsPid{0}));
  EXPECT_THAT(status->ns_sid, ElementsAre(NsPid{90}, NsPid{0}, NsPid{0}));
  EXPECT_EQ(status->core_dumping, false);
  EXPECT_EQ(status->thp_enabled, true);
  EXPECT_EQ(status->seccomp, 2u);
  EXPECT_EQ(status->seccomp_filters, 3u);
}

TEST(ParseStatus, DecodesTheName) {
  const std::pair<const char*, const char*> cases[] = {
      {"Name:\ta\\nb\n", "a\nb"}, {"Name:\ta\\\\nb\n", "a\\nb"},   {"Name:\t a:b \n", " a:b "},
      {"Name:\t\n", ""},          {"Name:\tUid:\t0\n", "Uid:\t0"}, {"Name:\tx\\\n", "x\\"},
  };
  for (const auto& [line, name] : cases) EXPECT_EQ(parse_status(status_text(line))->name, name);
}

TEST(ParseStatus, KnowsEveryState) {
  for (const char letter : std::string("RSDTtXZPI")) {
    EXPECT_EQ(find_task_state(std::string(1, letter)), static_cast<TaskState>(letter));
  }
  EXPECT_EQ(find_task_state("Q"), std::nullopt);
  EXPECT_EQ(find_task_state("RS"), std::nullopt);
  EXPECT_EQ(find_task_state(""), std::nullopt);
}

TEST(ParseStatus, NamesLineAndField) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"", "status: no line 'Name'"},
      {"Name:\tx\nState:\tS (sleeping)\n", "status: no line 'Tgid'"},
      {"Name:\tx\nState\n", "status line 2: line: expected 'Key: value', found 'State'"},
      {"Name:\tx\nName:\ty\n", "status line 2: line: expected each key once, found 'Name'"},
      {"State:\tQ (queer)\n", "status line 1: State: expected a state letter, found 'Q'"},
      {"State:\t\n", "status line 1: State: expected a field, found end of line"},
      {"Pid:\t1x\n", "status line 1: Pid: expected a decimal number, found '1x'"},
      {"Pid:\t1 2\n", "status line 1: expected end of line, found '2'"},
      {"Uid:\t0\t0\t0\n", "status line 1: Uid: expected a field, found end of line"},
      {"Gid:\t0\t0\t0\t0\t0\n", "status line 1: expected end of line, found '0'"},
      {"Groups:\t1 -2\n", "status line 1: Groups: expected a decimal number, found '-2'"},
      {"NSpid:\t1 x\n", "status line 1: NSpid: expected a decimal number, found 'x'"},
      {"SigBlk:\tg\n", "status line 1: SigBlk: expected a hexadecimal number, found 'g'"},
      {"NoNewPrivs:\t2\n", "status line 1: NoNewPrivs: expected 0 or 1, found '2'"},
      {"THP_enabled:\tyes\n", "status line 1: THP_enabled: expected 0 or 1, found 'yes'"},
      {"Umask:\t0090\n", "status line 1: Umask: expected an octal number, found '0090'"},
      {"Threads:\t-1\n", "status line 1: Threads: expected a decimal number, found '-1'"},
      {"Seccomp:\t\n", "status line 1: Seccomp: expected a field, found end of line"},
  };
  for (const auto& c : cases) EXPECT_EQ(message_of(parse_status(c.text)), c.message);
}

TEST(ParseStatus, TakesEmptyGroups) {
  auto text = status_text();
  text.replace(text.find("9 10 "), 5, " ");
  EXPECT_THAT(parse_status(text)->groups, IsEmpty());
}

}  // namespace
}  // namespace stasis::proc
