#include "resctrl/statistics.h"

#include "unit/resctrl/resctrl_tree.h"

namespace stasis::resctrl {
namespace {

using ResctrlStatistics = ResctrlTree;

TEST_F(ResctrlStatistics, AreThoseOfTheClassAndTheMachine) {
  write("info/L3/cbm_mask", "fffff\n");
  write("info/L3/min_cbm_bits", "1\n");
  write("info/L3/num_closids", "16\n");
  write("info/MB/bandwidth_gran", "10\n");
  write("info/MB/delay_linear", "1\n");
  write("info/MB/min_bandwidth", "5\n");
  write("info/MB/num_closids", "8\n");
  write("gold/mon_data/mon_L3_00/llc_occupancy", "4096\n");
  write("gold/mon_data/mon_L3_00/mbm_total_bytes", "70\n");
  write("gold/mon_data/mon_L3_01/llc_occupancy", "Unavailable\n");
  const auto statistics = read_statistics(root_, {.directory = root_ + "/gold"});
  ASSERT_TRUE(statistics) << statistics.error().message();
  EXPECT_EQ(statistics->cache->cbm_mask, "fffff");
  EXPECT_EQ(statistics->cache->min_cbm_bits, 1U);
  EXPECT_EQ(statistics->cache->classes, 16U);
  EXPECT_EQ(statistics->cache_schema, "L3:0=000ff");
  EXPECT_EQ(statistics->root_cache_schema, "L3:0=fffff");
  EXPECT_EQ(statistics->bandwidth->granularity, 10U);
  EXPECT_EQ(statistics->bandwidth->linear, 1U);
  EXPECT_EQ(statistics->bandwidth->minimum, 5U);
  EXPECT_EQ(statistics->bandwidth->classes, 8U);
  EXPECT_EQ(statistics->bandwidth_schema, "MB:0= 20");
  EXPECT_EQ(statistics->root_bandwidth_schema, "MB:0=100");
  ASSERT_EQ(statistics->domains.size(), 2U);
  EXPECT_EQ(statistics->domains[0].occupancy_bytes, 4096U);
  EXPECT_EQ(statistics->domains[0].total_bytes, 70U);
  EXPECT_EQ(statistics->domains[0].local_bytes, std::nullopt);
  EXPECT_EQ(statistics->domains[1].occupancy_bytes, std::nullopt);
}

TEST_F(ResctrlStatistics, AreMeasuredInTheMonitorWhereThereIsOne) {
  write("gold/mon_groups/c1/mon_data/mon_L3_00/llc_occupancy", "8192\n");
  const auto statistics = read_statistics(
      root_, {.directory = root_ + "/gold", .monitor = root_ + "/gold/mon_groups/c1"});
  ASSERT_TRUE(statistics);
  EXPECT_FALSE(statistics->cache);
  EXPECT_FALSE(statistics->bandwidth);
  ASSERT_EQ(statistics->domains.size(), 1U);
  EXPECT_EQ(statistics->domains[0].occupancy_bytes, 8192U);
}

TEST_F(ResctrlStatistics, NameAFileThatCannotBeUnderstood) {
  write("info/L3/cbm_mask", "fffff\n");
  write("info/L3/min_cbm_bits", "x\n");
  const auto statistics = read_statistics(root_, {.directory = root_ + "/gold"});
  ASSERT_FALSE(statistics);
  EXPECT_THAT(statistics.error().message(), testing::HasSubstr("/info/L3/min_cbm_bits"));
}

}  // namespace
}  // namespace stasis::resctrl
