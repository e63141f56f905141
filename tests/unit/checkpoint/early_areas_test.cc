#include "checkpoint/early_areas.h"

#include <gtest/gtest.h>

namespace stasis::checkpoint {
namespace {

using Details = std::vector<proc::MappingDetail>;

proc::Mapping mapping(std::uint64_t start, std::uint64_t end) {
  return {.start = start, .end = end, .read = true, .write = true};
}

proc::MappingDetail area(std::uint64_t start, std::uint64_t end, std::vector<std::string> codes) {
  return {.mapping = mapping(start, end), .flags = {std::move(codes)}, .kernel_page_bytes = 4096};
}

Details with_codes(Details details, std::vector<std::string> codes) {
  for (auto& detail : details) detail.flags.codes = codes;
  return details;
}

TEST(EarlyAreas, KeepTheirFlagsWhenTheyGrowShrinkOrSplit) {
  const EarlyAreas early({area(0x1000, 0x5000, {"rd", "dc"}), area(0x9000, 0xa000, {"rd"})});
  const auto now =
      early.details_of({mapping(0x1000, 0x2000), mapping(0x3000, 0x7000), mapping(0x8000, 0xa000)});
  ASSERT_TRUE(now.has_value());
  ASSERT_EQ(now->size(), 3u);
  EXPECT_EQ((*now)[0].flags.codes, (std::vector<std::string>{"rd", "dc"}));
  EXPECT_EQ((*now)[1].flags.codes, (std::vector<std::string>{"rd", "dc"}));
  EXPECT_EQ((*now)[1].mapping, mapping(0x3000, 0x7000));
  EXPECT_EQ((*now)[1].kernel_page_bytes, 4096u);
  EXPECT_EQ((*now)[2].flags.codes, (std::vector<std::string>{"rd"}));
}

TEST(EarlyAreas, DoNotKnowWhatIsNew) {
  const EarlyAreas early({area(0x1000, 0x2000, {"rd"})});
  EXPECT_FALSE(early.details_of({mapping(0x1000, 0x2000), mapping(0x4000, 0x5000)}).has_value());
}

TEST(EarlyAreas, DoNotKnowWhatIsAnotherObject) {
  const EarlyAreas early({area(0x1000, 0x2000, {"rd"})});
  auto protected_now = mapping(0x1000, 0x2000);
  protected_now.write = false;
  EXPECT_FALSE(early.details_of({protected_now}).has_value());
  auto file_now = mapping(0x1000, 0x2000);
  file_now.inode = 7;
  EXPECT_FALSE(early.details_of({file_now}).has_value());
}

TEST(EarlyAreas, TellPartsOfAFileByTheirOffsets) {
  auto file = area(0x1000, 0x5000, {"rd"});
  file.mapping.inode = 7;
  file.mapping.offset = 0x1000;
  auto part = file.mapping;
  part.start = 0x3000;
  part.offset = 0x3000;
  const EarlyAreas early({file});
  EXPECT_TRUE(early.details_of({part}).has_value());
  part.offset = 0x1000;
  EXPECT_FALSE(early.details_of({part}).has_value());
}

TEST(EarlyAreas, DoNotKnowWhatHadTwoKindsOfFlags) {
  const EarlyAreas early({area(0x1000, 0x2000, {"rd"}), area(0x2000, 0x3000, {"rd", "dc"})});
  EXPECT_FALSE(early.details_of({mapping(0x1000, 0x3000)}).has_value());
}

TEST(ConfirmEarlyAreas, ComparesFlagsWithoutOurOwnWatching) {
  const Details used{area(0x1000, 0x3000, {"rd", "dc", "uw"})};
  EXPECT_TRUE(confirms(used, with_codes(used, {"rd", "dc"})));
  EXPECT_FALSE(confirms(used, with_codes(used, {"rd"})));
  EXPECT_TRUE(
      confirms(used, {area(0x1000, 0x2000, {"rd", "dc"}), area(0x2000, 0x9000, {"rd", "dc"})}));
  EXPECT_FALSE(confirms(used, {area(0x4000, 0x5000, {"rd", "dc"})}));
}

}  // namespace
}  // namespace stasis::checkpoint
