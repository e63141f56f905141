#include "base/parse.h"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stasis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ParseNumber, TakesTheWholeTextOnly) {
  EXPECT_EQ(parse_number<int>("12"), 12);
  EXPECT_EQ(parse_number<std::uint64_t>("ff", 16), 255u);
  EXPECT_FALSE(parse_number<int>(""));
  EXPECT_FALSE(parse_number<int>("12 "));
  EXPECT_FALSE(parse_number<int>(" 12"));
  EXPECT_FALSE(parse_number<std::uint8_t>("256"));
  EXPECT_FALSE(parse_number<unsigned>("-1"));
}

TEST(SplitLines, KeepsEmptyLinesAndDropsTheLastNewline) {
  EXPECT_THAT(split_lines("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_THAT(split_lines("a"), ElementsAre("a"));
  EXPECT_THAT(split_lines(""), IsEmpty());
}

TEST(SplitBlank, SkipsRunsOfBlanks) { EXPECT_THAT(split_blank(" a\t b "), ElementsAre("a", "b")); }

TEST(Split, KeepsEmptyFields) { EXPECT_THAT(split("a::b", ':'), ElementsAre("a", "", "b")); }

}  // namespace
}  // namespace stasis
