#include "proc/settings.h"

#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

TEST(ParseSetting, ReadsOneNumber) {
  EXPECT_EQ(*parse_setting("personality", "00040000\n", 16), 0x40000u);
  EXPECT_EQ(*parse_setting("timerslack_ns", "50000\n", 10), 50000u);
  EXPECT_EQ(*parse_signed_setting("oom_score_adj", "-1000\n"), -1000);
}

TEST(ParseSetting, NamesTheFile) {
  EXPECT_EQ(message_of(parse_setting("personality", "x\n", 16)),
            "personality line 1: value: expected a hexadecimal number, found 'x'");
  EXPECT_EQ(message_of(parse_setting("timerslack_ns", "", 10)),
            "timerslack_ns line 1: value: expected a field, found end of line");
  EXPECT_EQ(message_of(parse_setting("timerslack_ns", "1 2\n", 10)),
            "timerslack_ns line 1: expected end of line, found '2'");
  EXPECT_EQ(message_of(parse_signed_setting("oom_score_adj", "2147483648\n")),
            "oom_score_adj line 1: value: expected a decimal number, found '2147483648'");
}

}  // namespace
}  // namespace stasis::proc
