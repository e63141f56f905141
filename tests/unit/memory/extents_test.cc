#include "memory/extents.h"

#include <gtest/gtest.h>

namespace stasis::memory {
namespace {

TEST(AppendExtent, ContinuesTheLastOneWhenMemoryAndDataFollow) {
  Extents extents;
  append_extent(extents, {0x1000, 0x1000, 0});
  append_extent(extents, {0x2000, 0x1000, 0x1000});
  append_extent(extents, {0x3000, 0x1000, 0x5000});
  append_extent(extents, {0x5000, 0x1000, 0x6000});
  EXPECT_EQ(extents,
            (Extents{{0x1000, 0x2000, 0}, {0x3000, 0x1000, 0x5000}, {0x5000, 0x1000, 0x6000}}));
}

TEST(Clip, CutsAtBothEnds) {
  const Extents extents{{0x1000, 0x4000, 0x100000}, {0x8000, 0x2000, 0x200000}};
  EXPECT_EQ(clip(extents, 0x2000, 0x9000),
            (Extents{{0x2000, 0x3000, 0x101000}, {0x8000, 0x1000, 0x200000}}));
  EXPECT_EQ(clip(extents, 0x5000, 0x8000), Extents{});
}

TEST(Subtract, SplitsAroundHoles) {
  const Extents extents{{0x1000, 0x5000, 0x10000}, {0x8000, 0x2000, 0x20000}};
  EXPECT_EQ(
      subtract(extents, {{0x2000, 0x3000}, {0x5000, 0x9000}}),
      (Extents{{0x1000, 0x1000, 0x10000}, {0x3000, 0x2000, 0x12000}, {0x9000, 0x1000, 0x21000}}));
}

TEST(Subtract, OneHoleMayCoverSeveralExtents) {
  const Extents extents{{0x1000, 0x1000, 0}, {0x3000, 0x1000, 0x1000}, {0x5000, 0x1000, 0x2000}};
  EXPECT_EQ(subtract(extents, {{0x1000, 0x4000}}), (Extents{{0x5000, 0x1000, 0x2000}}));
}

TEST(ComparePages, TellsWhatStaysWhatIsWrittenAndWhatGoes) {
  const Extents have{{0x1000, 0x4000, 0x10000}};
  const Extents want{
      {0x1000, 0x1000, 0x10000}, {0x2000, 0x1000, 0x90000}, {0x4000, 0x3000, 0x13000}};
  const auto difference = compare_pages(have, want, 0x1000, 0x8000);
  EXPECT_EQ(difference.same_bytes, 0x2000u);
  EXPECT_EQ(difference.write, (Extents{{0x2000, 0x1000, 0x90000}, {0x5000, 0x2000, 0x14000}}));
  EXPECT_EQ(difference.drop, (std::vector<AddressRange>{{0x3000, 0x4000}}));
}

}  // namespace
}  // namespace stasis::memory
