#include "proc/timers.h"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseTimers, ReadsEveryTimer) {
  const auto timers = parse_timers(
      "ID: 1\nsignal: 60/00007fff86e452a8\nnotify: signal/pid.2634\nClockID: 0\n"
      "ID: 0\nsignal: 34/0000000000000000\nnotify: none/tid.2635\nClockID: -14\n"
      "ID: 2\nsignal: 1/ffffffffffffffff\nnotify: thread/tid.0\nClockID: 1\n");
  ASSERT_TRUE(timers) << timers.error().message();
  const PosixTimerInfo first = {.id = 1,
                                .signal = 60,
                                .value = 0x7fff86e452a8,
                                .notify = SIGEV_SIGNAL,
                                .target = HostPid{2634}};
  const PosixTimerInfo second = {.id = 0,
                                 .signal = 34,
                                 .notify = SIGEV_NONE | SIGEV_THREAD_ID,
                                 .target = HostPid{2635},
                                 .clock = -14};
  const PosixTimerInfo third = {.id = 2,
                                .signal = 1,
                                .value = UINT64_MAX,
                                .notify = SIGEV_THREAD | SIGEV_THREAD_ID,
                                .clock = 1};
  EXPECT_THAT(*timers, ElementsAre(first, second, third));
  EXPECT_THAT(*parse_timers(""), IsEmpty());
}

TEST(ParseTimers, NamesLineAndField) {
  const char* kNotify =
      "timers line 3: notify: expected signal, none or thread, '/', pid or tid, "
      "'.', a number, found ";
  const auto with_notify = [](const std::string& notify) {
    return "ID: 1\nsignal: 1/0\nnotify: " + notify + "\nClockID: 0\n";
  };
  const std::pair<std::string, std::string> cases[] = {
      {"ID: 1\n", "timers line 1: expected 4 lines a timer, found 1"},
      {"Id: 1\n\n\n\n", "timers line 1: ID: expected 'ID:', found 'Id:'"},
      {"ID: x\n\n\n\n", "timers line 1: ID: expected a decimal number, found 'x'"},
      {"ID: 1\nsignal: 1\n\n\n",
       "timers line 2: signal: expected two numbers around '/', found '1'"},
      {"ID: 1\nsignal: 1/x\n\n\n",
       "timers line 2: signal: expected a hexadecimal number, found 'x'"},
      {with_notify("signal"), kNotify + std::string("'signal'")},
      {with_notify("mail/pid.1"), kNotify + std::string("'mail/pid.1'")},
      {with_notify("signal/uid.1"), kNotify + std::string("'signal/uid.1'")},
      {with_notify("signal/pid"), kNotify + std::string("'signal/pid'")},
      {with_notify("signal.pid/1"), kNotify + std::string("'signal.pid/1'")},
      {with_notify("signal/pid.x"), "timers line 3: notify: expected a decimal number, found 'x'"},
      {"ID: 1\nsignal: 1/0\nnotify: signal/pid.1\nClockID:\n",
       "timers line 4: ClockID: expected a field, found end of line"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_timers(text)), message);
}

}  // namespace
}  // namespace stasis::proc
