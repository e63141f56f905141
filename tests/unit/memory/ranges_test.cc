#include "memory/ranges.h"

#include <gtest/gtest.h>

namespace stasis::memory {
namespace {

TEST(Normalize, SortsAndJoins) {
  EXPECT_EQ(normalize({{5, 6}, {1, 2}, {2, 4}, {3, 3}}), (Ranges{{1, 4}, {5, 6}}));
}

TEST(SubtractRanges, SplitsAndCuts) {
  EXPECT_EQ(subtract(Ranges{{0, 10}, {20, 30}}, Ranges{{2, 3}, {8, 22}, {29, 40}}),
            (Ranges{{0, 2}, {3, 8}, {22, 29}}));
}

TEST(UniteExtents, JoinsWhatContinues) {
  EXPECT_EQ(unite(Extents{{0x1000, 0x1000, 0}, {0x3000, 0x1000, 0x2000}},
                  Extents{{0x2000, 0x1000, 0x1000}}),
            (Extents{{0x1000, 0x3000, 0}}));
}

TEST(Overlaps, IsFalseForRangesThatOnlyTouch) {
  const Ranges ranges{{10, 20}, {30, 40}};
  EXPECT_FALSE(overlaps(ranges, 20, 30));
  EXPECT_TRUE(overlaps(ranges, 19, 20));
  EXPECT_TRUE(overlaps(ranges, 35, 36));
}

}  // namespace
}  // namespace stasis::memory
