#include "resctrl/schemata.h"

#include <gmock/gmock.h>

namespace stasis::resctrl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> planned(const oci::IntelRdt& wanted) {
  const auto lines = plan_schemata(wanted);
  return lines ? *lines : std::vector<std::string>{"refused: " + lines.error().message()};
}

TEST(Schemata, AreWrittenInOrder) {
  EXPECT_THAT(planned({}), IsEmpty());
  EXPECT_THAT(planned({.l3_cache_schema = "L3:0=7f0;1=1f"}), ElementsAre("L3:0=7f0;1=1f"));
  EXPECT_THAT(planned({.l3_cache_schema = "L3CODE:0=f\nL3DATA:0=f0",
                       .mem_bw_schema = "MB:0=20;1=70",
                       .schemata = {"L2:0=f"}}),
              ElementsAre("L3CODE:0=f", "L3DATA:0=f0", "MB:0=20;1=70", "L2:0=f"));
}

TEST(Schemata, OfBandwidthComeFromItsOwnMember) {
  EXPECT_THAT(planned({.l3_cache_schema = "L3:0=f\nMB:0=10", .mem_bw_schema = "MB:0=20"}),
              ElementsAre("L3:0=f", "MB:0=20"));
  EXPECT_THAT(planned({.l3_cache_schema = "L3:0=f\nMB:0=10"}), ElementsAre("L3:0=f", "MB:0=10"));
}

TEST(Schemata, ThatAreNoneNameTheMember) {
  EXPECT_THAT(planned({.l3_cache_schema = "0=f"}),
              ElementsAre("refused: linux.intelRdt.l3CacheSchema: expected "
                          "RESOURCE:ID=VALUE;ID=VALUE..., found '0=f'"));
  EXPECT_THAT(planned({.mem_bw_schema = "L3:0=f"}),
              ElementsAre("refused: linux.intelRdt.memBwSchema: expected one line that begins with "
                          "'MB:', found 'L3:0=f'"));
  EXPECT_THAT(planned({.mem_bw_schema = "MB:0=1\nL3:0=f"}),
              ElementsAre(testing::HasSubstr("memBwSchema: expected one line")));
  EXPECT_THAT(planned({.schemata = {"L3:0=f", "L3:=1"}}),
              ElementsAre(testing::HasSubstr("linux.intelRdt.schemata[1]: expected")));
}

// As the kernel prints it: padded, with all domains.
constexpr std::string_view kFile = "    MB:0= 20;1=100\n    L3:0=007f0;1=fffff\n";

TEST(Schemata, AreComparedWhateverTheirPadding) {
  EXPECT_EQ(find_mismatch({"L3:0=7f0;1=fffff", "MB:1=100;0=20"}, kFile), "");
  EXPECT_EQ(find_mismatch({"L3:1=fffff"}, kFile), "");
  EXPECT_EQ(find_mismatch({"L3:00=7f0"}, kFile), "");
  EXPECT_EQ(find_mismatch({}, ""), "");
}

TEST(Schemata, ThatDifferAreFound) {
  EXPECT_EQ(find_mismatch({"MB:0=20", "L3:0=7f1"}, kFile), "L3:0=7f1");
  EXPECT_EQ(find_mismatch({"L3:2=7f0"}, kFile), "L3:2=7f0");
  EXPECT_EQ(find_mismatch({"L2:0=f"}, kFile), "L2:0=f");
  EXPECT_EQ(find_mismatch({"MB:0=0"}, kFile), "MB:0=0");
}

TEST(Schemata, HaveOneLineForEachResource) {
  EXPECT_EQ(line_of(kFile, "L3"), "L3:0=007f0;1=fffff");
  EXPECT_EQ(line_of(kFile, "MB"), "MB:0= 20;1=100");
  EXPECT_EQ(line_of(kFile, "L2"), "");
}

}  // namespace
}  // namespace stasis::resctrl
