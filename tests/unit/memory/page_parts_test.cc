#include "memory/page_parts.h"

#include <gtest/gtest.h>

namespace stasis::memory {
namespace {

using Fate = PagePart::Fate;

struct Expected {
  std::uint64_t start, end;
  std::optional<std::uint64_t> slot;
  Fate fate;
  bool operator==(const Expected&) const = default;
};

std::vector<Expected> shorten(const std::vector<PagePart>& parts) {
  std::vector<Expected> result;
  for (const auto& part : parts) result.push_back({part.start, part.end, part.slot, part.fate});
  return result;
}

const PreCopiedPages kBefore{.slots = {{0x2000, 0x4000, 0x10000}}, .zeros = {{0x3000, 0x4000}}};

TEST(PlanParts, CopiesEverythingWithoutAnEarlierCopy) {
  EXPECT_EQ(shorten(plan_parts({0x1000, 0x3000, sys::kPageWriteTracked}, nullptr)),
            (std::vector<Expected>{{0x1000, 0x3000, std::nullopt, Fate::kCopy}}));
}

TEST(PlanParts, KeepsWhatWasNotWrittenSinceAndLeavesZerosOut) {
  EXPECT_EQ(shorten(plan_parts({0x1000, 0x7000, sys::kPageWriteTracked}, &kBefore)),
            (std::vector<Expected>{{0x1000, 0x2000, std::nullopt, Fate::kCopy},
                                   {0x2000, 0x3000, 0x10000, Fate::kKeep},
                                   {0x4000, 0x6000, 0x12000, Fate::kKeep},
                                   {0x6000, 0x7000, std::nullopt, Fate::kCopy}}));
}

TEST(PlanParts, CopiesWrittenPagesIntoTheirOldSlots) {
  EXPECT_EQ(
      shorten(plan_parts({0x3000, 0x5000, sys::kPageWriteTracked | sys::kPageWritten}, &kBefore)),
      (std::vector<Expected>{{0x3000, 0x5000, 0x11000, Fate::kCopy}}));
}

TEST(PlanParts, TrustsNoCopyOfAnAreaThatIsNotTracked) {
  EXPECT_EQ(shorten(plan_parts({0x2000, 0x3000, 0}, &kBefore)),
            (std::vector<Expected>{{0x2000, 0x3000, 0x10000, Fate::kCopy}}));
}

TEST(FrameKey, IsZeroForPagesThatNobodyElseMaps) {
  const std::uint64_t present = std::uint64_t{1} << 63;
  const std::uint64_t exclusive = std::uint64_t{1} << 56;
  EXPECT_EQ(frame_key({present | exclusive | 0x123}), 0u);
  EXPECT_EQ(frame_key({present}), 0u) << "the kernel hides frame numbers";
  EXPECT_NE(frame_key({present | 0x123}), 0u);
}

TEST(FrameKey, TellsSwapSlotsFromFrames) {
  const std::uint64_t swapped = std::uint64_t{1} << 62;
  const std::uint64_t present = std::uint64_t{1} << 63;
  EXPECT_NE(frame_key({swapped | 0x123}), frame_key({present | 0x123}));
}

}  // namespace
}  // namespace stasis::memory
