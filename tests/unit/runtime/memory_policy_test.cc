#include "runtime/memory_policy.h"

#include <gtest/gtest.h>

namespace stasis::runtime {
namespace {

TEST(ParseBitList, ReadsNumbersAndRanges) {
  EXPECT_EQ(parse_bit_list("0", 64), BitSet{1});
  EXPECT_EQ(parse_bit_list("0-3,8", 64), BitSet{0x10f});
  EXPECT_EQ(parse_bit_list("8,0-3,2-4", 64), BitSet{0x11f});
  EXPECT_EQ(parse_bit_list("63-64,129", 130), (BitSet{std::uint64_t{1} << 63, 1, 2}));
}

TEST(ParseBitList, RefusesWhatIsNoList) {
  for (const char* text :
       {"", ",", "1,", "a", "1-", "-1", "3-1", "1-2-3", " 1", "1 ", "0x1", "+1", "99999999999"}) {
    EXPECT_EQ(parse_bit_list(text, 64), std::nullopt) << text;
  }
}

TEST(ParseBitList, KnowsItsLimit) {
  EXPECT_TRUE(parse_bit_list("63", 64));
  EXPECT_FALSE(parse_bit_list("64", 64));
  EXPECT_FALSE(parse_bit_list("0-64", 64));
}

std::string message_of(const oci::MemoryPolicy& wanted) {
  const auto plan = plan_memory_policy(wanted);
  return plan ? "no error" : plan.error().message();
}

TEST(PlanMemoryPolicy, AddsFlagsToTheMode) {
  const auto plan = plan_memory_policy(
      {"MPOL_INTERLEAVE", "0-1", {"MPOL_F_STATIC_NODES", "MPOL_F_NUMA_BALANCING"}});
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_EQ(plan->mode, 3 | 1 << 15 | 1 << 13);
  EXPECT_EQ(plan->nodes, BitSet{3});
  EXPECT_EQ(plan_memory_policy({"MPOL_BIND", "1023", {"MPOL_F_RELATIVE_NODES"}})->mode,
            2 | 1 << 14);
}

TEST(PlanMemoryPolicy, KnowsWhichModesHaveNodes) {
  for (const char* mode :
       {"MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE"}) {
    EXPECT_EQ(message_of({mode, "", {}}),
              "linux.memoryPolicy.nodes: " + std::string(mode) + " needs some");
    EXPECT_EQ(message_of({mode, "0", {}}), "no error");
  }
  for (const char* mode : {"MPOL_DEFAULT", "MPOL_LOCAL"}) {
    EXPECT_EQ(message_of({mode, "0", {}}),
              "linux.memoryPolicy.nodes: " + std::string(mode) + " takes none");
    EXPECT_EQ(message_of({mode, "", {}}), "no error");
  }
  EXPECT_EQ(message_of({"MPOL_PREFERRED", "", {}}), "no error");
  EXPECT_EQ(message_of({"MPOL_PREFERRED", "1", {}}), "no error");
}

TEST(PlanMemoryPolicy, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(message_of({"MPOL_NEAR", "", {}}),
            "linux.memoryPolicy.mode: unknown value 'MPOL_NEAR'");
  EXPECT_EQ(message_of({"MPOL_BIND", "0", {"MPOL_F_NEAR"}}),
            "linux.memoryPolicy.flags: unknown value 'MPOL_F_NEAR'");
  for (const char* nodes : {"0-", "1024", "all"}) {
    EXPECT_EQ(
        message_of({"MPOL_BIND", nodes, {}}),
        "linux.memoryPolicy.nodes: expected nodes as '0-3,8', found '" + std::string(nodes) + "'");
  }
}

}  // namespace
}  // namespace stasis::runtime
