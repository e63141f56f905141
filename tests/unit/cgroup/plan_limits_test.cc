#include <gtest/gtest.h>

#include "cgroup/device_rules.h"
#include "cgroup/resources.h"

namespace stasis::cgroup {
namespace {

Version v1(std::string_view /*controller*/) { return Version::kV1; }
Version v2(std::string_view /*controller*/) { return Version::kV2; }

std::vector<ControlWrite> plan(const Limits& limits, const VersionOf& version_of) {
  auto writes = plan_limits(limits, version_of);
  EXPECT_TRUE(writes) << writes.error().message();
  return writes ? *writes : std::vector<ControlWrite>{};
}

TEST(PlanLimits, WritesNothingForNoLimits) {
  EXPECT_EQ(plan({}, v1), std::vector<ControlWrite>{});
  EXPECT_EQ(plan({}, v2), std::vector<ControlWrite>{});
}

TEST(PlanLimits, SetsMemoryBeforeMemoryAndSwapInV1) {
  Limits limits;
  limits.memory.limit = 1 << 20;
  limits.memory.swap = 2 << 20;
  EXPECT_EQ(plan(limits, v1),
            (std::vector<ControlWrite>{{"memory", "memory.limit_in_bytes", "1048576"},
                                       {"memory", "memory.memsw.limit_in_bytes", "2097152"}}));
}

TEST(PlanLimits, CountsSwapApartInV2) {
  Limits limits;
  limits.memory.limit = 1 << 20;
  limits.memory.swap = 3 << 20;
  EXPECT_EQ(plan(limits, v2), (std::vector<ControlWrite>{{"memory", "memory.swap.max", "2097152"},
                                                         {"memory", "memory.max", "1048576"}}));
  limits.memory.swap = 1;
  EXPECT_EQ(plan_limits(limits, v2).error().message(),
            "memory.swap: 1 is less than memory.limit 1048576");
}

TEST(PlanLimits, ConvertsCpuForV2) {
  Limits limits;
  limits.cpu.shares = 1024;
  limits.cpu.quota = 50000;
  limits.cpu.period = 100000;
  EXPECT_EQ(plan(limits, v2), (std::vector<ControlWrite>{{"cpu", "cpu.weight", "39"},
                                                         {"cpu", "cpu.max", "50000 100000"}}));
  EXPECT_EQ(weight_of_shares(2), 1U);
  EXPECT_EQ(weight_of_shares(262144), 10000U);
  EXPECT_EQ(weight_of_shares(0), 1U);
}

TEST(PlanLimits, TakesPidsZeroAsOneAndMinusOneAsUnlimited) {
  Limits limits;
  limits.pids = 0;
  EXPECT_EQ(plan(limits, v1), (std::vector<ControlWrite>{{"pids", "pids.max", "1"}}));
  limits.pids = -1;
  EXPECT_EQ(plan(limits, v1), (std::vector<ControlWrite>{{"pids", "pids.max", "max"}}));
}

TEST(PlanLimits, NamesWhatV2CannotDo) {
  Limits limits;
  limits.memory.swappiness = 10;
  EXPECT_EQ(plan_limits(limits, v2).error().message(),
            "memory.swappiness: cgroup v2 has no such limit");
}

TEST(PlanLimits, RefusesUnifiedPaths) {
  Limits limits;
  limits.unified = {{"../memory.max", "1"}};
  EXPECT_EQ(plan_limits(limits, v2).error().message(),
            "unified: '../memory.max' is no control file");
}

TEST(FormatDeviceRule, WritesWhatTheKernelTakes) {
  EXPECT_EQ(format_device_rule({}), "a");
  EXPECT_EQ(format_device_rule({true, 'c', 1, 3, "rw"}), "c 1:3 rw");
  EXPECT_EQ(format_device_rule({true, 'b', std::nullopt, std::nullopt, "m"}), "b *:* m");
}

}  // namespace
}  // namespace stasis::cgroup
