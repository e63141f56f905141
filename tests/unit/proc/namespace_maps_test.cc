#include "proc/namespace_maps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseIdMap, ReadsRanges) {
  EXPECT_THAT(*parse_id_map("uid_map", "         0          0 4294967295\n"),
              ElementsAre(IdRange{0, 0, 4294967295}));
  EXPECT_THAT(*parse_id_map("uid_map", "0 1000 1\n1 100000 65536\n"),
              ElementsAre(IdRange{0, 1000, 1}, IdRange{1, 100000, 65536}));
  EXPECT_THAT(*parse_id_map("gid_map", ""), IsEmpty());
}

TEST(ParseIdMap, NamesLineAndField) {
  EXPECT_EQ(message_of(parse_id_map("gid_map", "0 0 1\n0 x 1\n")),
            "gid_map line 2: outside: expected a decimal number, found 'x'");
  EXPECT_EQ(message_of(parse_id_map("uid_map", "0 0\n")),
            "uid_map line 1: count: expected a field, found end of line");
  EXPECT_EQ(message_of(parse_id_map("uid_map", "0 0 1 2\n")),
            "uid_map line 1: expected end of line, found '2'");
}

TEST(ParseTimeOffsets, ReadsBothClocks) {
  const auto offsets = parse_time_offsets("monotonic  -5   999999999\nboottime   7  0\n");
  ASSERT_TRUE(offsets) << offsets.error().message();
  EXPECT_EQ(offsets->monotonic, (TimeOffset{-5, 999999999}));
  EXPECT_EQ(offsets->boottime, (TimeOffset{7, 0}));
}

TEST(ParseTimeOffsets, NamesLineAndField) {
  EXPECT_EQ(message_of(parse_time_offsets("")), "timens_offsets: expected 2 lines, found 0");
  EXPECT_EQ(message_of(parse_time_offsets("boottime 0 0\nmonotonic 0 0\n")),
            "timens_offsets line 1: expected 'monotonic', found 'boottime'");
  EXPECT_EQ(message_of(parse_time_offsets("monotonic 0 0\nboottime 0 -1\n")),
            "timens_offsets line 2: nanoseconds: expected a decimal number, found '-1'");
}

}  // namespace
}  // namespace stasis::proc
