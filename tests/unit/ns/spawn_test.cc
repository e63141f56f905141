#include "ns/spawn.h"

#include <gtest/gtest.h>

namespace stasis::ns {
namespace {

TEST(FormatTimeOffsets, NeverWritesNegativeNanoseconds) {
  EXPECT_EQ(format_time_offsets({5'000'000'001, 0}), "monotonic 5 1\nboottime 0 0\n");
  EXPECT_EQ(format_time_offsets({-1, -3'000'000'000}), "monotonic -1 999999999\nboottime -3 0\n");
}

TEST(OpenNamespace, RefusesAnotherKind) {
  const auto opened = open_namespace(Kind::kNetwork, "/proc/self/ns/uts");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message(), "'/proc/self/ns/uts' is no net namespace");
  EXPECT_TRUE(open_namespace(Kind::kUts, "/proc/self/ns/uts"));
}

}  // namespace
}  // namespace stasis::ns
