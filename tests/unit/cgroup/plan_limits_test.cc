#include <gtest/gtest.h>

#include "cgroup/present_limits.h"
#include "cgroup/resources.h"

namespace stasis::cgroup {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
// What an unlimited v1 cgroup says.
constexpr std::int64_t kUnlimitedV1 = 9223372036854771712;

PresentLimits v1() {
  return {.version_of = [](std::string_view) { return Version::kV1; }};
}
PresentLimits v2() {
  return {.version_of = [](std::string_view) { return Version::kV2; }};
}
PresentLimits with_memory(PresentLimits present, std::int64_t memory, std::int64_t swap) {
  present.memory = memory;
  present.swap = swap;
  return present;
}
PresentLimits with_cpu(PresentLimits present, std::int64_t quota, std::int64_t period) {
  present.quota = quota;
  present.period = period;
  return present;
}

// "FILE=VALUE", in order.
using Lines = std::vector<std::string>;
Lines plan(const Limits& limits, const PresentLimits& present) {
  const auto writes = plan_limits(limits, present);
  EXPECT_TRUE(writes) << writes.error().message();
  Lines lines;
  if (!writes) return lines;
  for (const ControlWrite& write : *writes) {
    lines.push_back(fmt::format("{}{}={}", write.if_missing == IfMissing::kPassOver ? "?" : "",
                                write.file, write.value));
    if (!write.other_file.empty()) {
      lines.back() += fmt::format(" or {}={}", write.other_file, write.other_value);
    }
  }
  return lines;
}
std::string refused(const Limits& limits, const PresentLimits& present) {
  const auto writes = plan_limits(limits, present);
  return writes ? "planned" : writes.error().message();
}

Limits memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap) {
  Limits limits;
  limits.memory.limit = limit;
  limits.memory.swap = swap;
  return limits;
}

TEST(PlanLimits, WritesNothingForNoLimits) {
  EXPECT_EQ(plan({}, v1()), Lines{});
  EXPECT_EQ(plan({}, v2()), Lines{});
}

TEST(PlanLimits, TakesZerosOfEnginesAsAbsent) {
  Limits limits = memory(0, 0);
  limits.memory.reservation = 0;
  limits.memory.swappiness = std::uint64_t(-1);
  limits.cpu.shares = limits.cpu.period = limits.cpu.realtime_period = 0;
  limits.cpu.quota = limits.cpu.realtime_runtime = 0;
  limits.block_io.weight = limits.block_io.leaf_weight = 0;
  limits.network_class = 0;
  EXPECT_EQ(plan(limits, v1()), Lines{});
  EXPECT_EQ(plan(limits, v2()), Lines{});
}

TEST(PlanMemory, OrdersMemoryAndSwapAsV1NeedsThem) {
  const Limits limits = memory(kMiB, 2 * kMiB);
  const std::string limit = "memory.limit_in_bytes=1048576";
  const std::string swap = "memory.memsw.limit_in_bytes=2097152";
  EXPECT_EQ(plan(limits, with_memory(v1(), kUnlimitedV1, kUnlimitedV1)), (Lines{limit, swap}));
  EXPECT_EQ(plan(limits, with_memory(v1(), 4 * kMiB, 8 * kMiB)), (Lines{limit, swap}));
  EXPECT_EQ(plan(limits, with_memory(v1(), kMiB / 2, kMiB / 2)), (Lines{swap, limit}));
}

TEST(PlanMemory, LiftsTheLimitOfSwapWithThatOfMemory) {
  EXPECT_EQ(plan(memory(-1, {}), with_memory(v1(), kMiB, 2 * kMiB)),
            (Lines{"memory.memsw.limit_in_bytes=-1", "memory.limit_in_bytes=-1"}));
  PresentLimits without_swap = v1();
  without_swap.memory = kMiB;
  EXPECT_EQ(plan(memory(-1, {}), without_swap), (Lines{"memory.limit_in_bytes=-1"}));
  EXPECT_EQ(plan(memory(-1, {}), with_memory(v2(), kMiB, kMiB)),
            (Lines{"?memory.swap.max=max", "memory.max=max"}));
}

TEST(PlanMemory, RefusesLessSwapThanMemory) {
  const std::string message =
      "memory.swap: 1048575 bytes of memory and swap are less than the 1048576 of memory alone";
  EXPECT_EQ(refused(memory(kMiB, kMiB - 1), v1()), message);
  EXPECT_EQ(refused(memory(kMiB, kMiB - 1), v2()), message);
  EXPECT_EQ(refused(memory({}, kMiB - 1), with_memory(v1(), kMiB, 4 * kMiB)), message);
  EXPECT_EQ(refused(memory({}, kMiB - 1), with_memory(v2(), kMiB, 4 * kMiB)), message);
  EXPECT_EQ(refused(memory(4 * kMiB, {}), with_memory(v1(), kMiB, 2 * kMiB)),
            "memory.limit: 4194304 is above the limit of memory and swap, 2097152: set memory.swap "
            "too");
  EXPECT_EQ(refused(memory({}, kMiB), v2()), "memory.swap: a limit needs memory.limit too");
}

TEST(PlanMemory, CountsSwapApartInV2) {
  EXPECT_EQ(plan(memory(kMiB, 3 * kMiB), v2()),
            (Lines{"memory.swap.max=2097152", "memory.max=1048576"}));
  EXPECT_EQ(plan(memory(kMiB, kMiB), v2()), (Lines{"memory.swap.max=0", "memory.max=1048576"}));
  EXPECT_EQ(plan(memory(kMiB, -1), v2()), (Lines{"memory.swap.max=max", "memory.max=1048576"}));
  EXPECT_EQ(plan(memory({}, 3 * kMiB), with_memory(v2(), kMiB, -1)),
            (Lines{"memory.swap.max=2097152"}));
}

TEST(PlanMemory, KeepsTheSumOfMemoryAndSwapInV2) {
  EXPECT_EQ(plan(memory(2 * kMiB, {}), with_memory(v2(), kMiB, 3 * kMiB)),
            (Lines{"?memory.swap.max=2097152", "memory.max=2097152"}));
  EXPECT_EQ(plan(memory(2 * kMiB, {}), with_memory(v2(), kMiB, -1)), (Lines{"memory.max=2097152"}));
}

TEST(PlanMemory, ChecksTheUsageWhenAskedTo) {
  Limits limits = memory(kMiB, {});
  PresentLimits present = with_memory(v2(), -1, -1);
  present.memory_usage = kMiB + 1;
  EXPECT_EQ(plan(limits, present), (Lines{"memory.max=1048576"}));
  limits.memory.below_usage = BelowUsage::kRefuse;
  EXPECT_EQ(refused(limits, present),
            "memory.limit: 1048576 is below the 1048577 bytes in use, which "
            "memory.checkBeforeUpdate forbids");
  present.memory_usage = kMiB;
  EXPECT_EQ(plan(limits, present), (Lines{"memory.max=1048576"}));
}

TEST(PlanMemory, HasTheRestOfV1) {
  Limits limits;
  limits.memory.reservation = kMiB;
  limits.memory.kernel_tcp = kMiB;
  limits.memory.swappiness = 0;
  limits.memory.disable_oom_killer = true;
  EXPECT_EQ(plan(limits, v1()),
            (Lines{"memory.soft_limit_in_bytes=1048576", "memory.kmem.tcp.limit_in_bytes=1048576",
                   "memory.oom_control=1", "memory.swappiness=0"}));
  limits.memory.swappiness = 101;
  EXPECT_EQ(refused(limits, v1()), "memory.swappiness: 101 is not between 0 and 100");
}

TEST(PlanMemory, NamesWhatV2CannotDo) {
  Limits limits;
  limits.memory.reservation = -1;
  EXPECT_EQ(plan(limits, v2()), (Lines{"memory.low=max"}));
  limits.memory.disable_oom_killer = false;
  EXPECT_EQ(plan(limits, v2()), (Lines{"memory.low=max"}));
  limits.memory.disable_oom_killer = true;
  EXPECT_EQ(refused(limits, v2()), "memory.disableOOMKiller: cgroup v2 has no such limit");
  limits.memory.swappiness = 10;
  EXPECT_EQ(refused(limits, v2()), "memory.swappiness: cgroup v2 has no such limit");
  limits.memory.kernel_tcp = 10;
  EXPECT_EQ(refused(limits, v2()), "memory.kernelTCP: cgroup v2 has no such limit");
}

TEST(PlanCpu, ConvertsForV2) {
  Limits limits;
  limits.cpu.shares = 1024;
  limits.cpu.quota = 50000;
  limits.cpu.period = 100000;
  EXPECT_EQ(plan(limits, v2()), (Lines{"cpu.weight=39", "cpu.max=50000 100000"}));
  EXPECT_EQ(weight_of_shares(2), 1U);
  EXPECT_EQ(weight_of_shares(262144), 10000U);
  EXPECT_EQ(weight_of_shares(0), 1U);
  EXPECT_EQ(weight_of_shares(std::uint64_t{1} << 40), 10000U);
}

TEST(PlanCpu, KeepsTheOtherHalfOfCpuMax) {
  Limits period;
  period.cpu.period = 50000;
  EXPECT_EQ(plan(period, with_cpu(v2(), 20000, 100000)), (Lines{"cpu.max=20000 50000"}));
  EXPECT_EQ(plan(period, with_cpu(v2(), -1, 100000)), (Lines{"cpu.max=max 50000"}));
  Limits quota;
  quota.cpu.quota = -1;
  EXPECT_EQ(plan(quota, with_cpu(v2(), 20000, 50000)), (Lines{"cpu.max=max"}));
}

TEST(PlanCpu, ChangesQuotaAndPeriodInTheOrderThatNeedsLessInBetween) {
  Limits limits;
  limits.cpu.quota = 10000;
  limits.cpu.period = 50000;
  EXPECT_EQ(plan(limits, with_cpu(v1(), 20000, 100000)),
            (Lines{"cpu.cfs_quota_us=10000", "cpu.cfs_period_us=50000"}));
  EXPECT_EQ(plan(limits, with_cpu(v1(), 5000, 20000)),
            (Lines{"cpu.cfs_period_us=50000", "cpu.cfs_quota_us=10000"}));
}

TEST(PlanCpu, KeepsTheBurstBelowTheQuota) {
  Limits limits;
  limits.cpu.quota = 20000;
  limits.cpu.burst = 15000;
  EXPECT_EQ(plan(limits, with_cpu(v1(), -1, 100000)),
            (Lines{"cpu.cfs_burst_us=15000", "cpu.cfs_quota_us=20000"}));
  EXPECT_EQ(plan(limits, with_cpu(v1(), 10000, 100000)),
            (Lines{"cpu.cfs_quota_us=20000", "cpu.cfs_burst_us=15000"}));
  EXPECT_EQ(plan(limits, with_cpu(v2(), 10000, 100000)),
            (Lines{"cpu.max=20000", "cpu.max.burst=15000"}));
  limits.cpu.burst = 0;
  EXPECT_EQ(plan(limits, with_cpu(v2(), 10000, 100000)),
            (Lines{"cpu.max.burst=0", "cpu.max=20000"}));
}

TEST(PlanCpu, SetsSharesWhileNotIdle) {
  Limits limits;
  limits.cpu.shares = 512;
  limits.cpu.idle = 1;
  EXPECT_EQ(plan(limits, v1()), (Lines{"cpu.shares=512", "cpu.idle=1"}));
  limits.cpu.idle = 0;
  EXPECT_EQ(plan(limits, v1()), (Lines{"cpu.idle=0", "cpu.shares=512"}));
  EXPECT_EQ(plan(limits, v2()), (Lines{"cpu.idle=0", "cpu.weight=20"}));
}

TEST(PlanCpu, RefusesSharesThatTheKernelWouldChange) {
  Limits limits;
  limits.cpu.shares = 1;
  EXPECT_EQ(refused(limits, v1()), "cpu.shares: the minimum allowed cpu-shares is 2");
  limits.cpu.shares = 262145;
  EXPECT_EQ(refused(limits, v1()), "cpu.shares: the maximum allowed cpu-shares is 262144");
}

TEST(PlanCpu, HasRealtimeInV1Only) {
  Limits limits;
  limits.cpu.realtime_period = 1000000;
  limits.cpu.realtime_runtime = 950000;
  limits.cpu.cpus = "0-1";
  limits.cpu.mems = "0";
  EXPECT_EQ(plan(limits, v1()), (Lines{"cpuset.cpus=0-1", "cpuset.mems=0",
                                       "cpu.rt_period_us=1000000", "cpu.rt_runtime_us=950000"}));
  EXPECT_EQ(refused(limits, v2()), "cpu.realtimePeriod: cgroup v2 has no such limit");
}

TEST(PlanBlockIo, WritesWeightsWhereTheSchedulerHasThem) {
  Limits limits;
  limits.block_io.weight = 500;
  limits.block_io.weight_device = {{8, 0, 100}};
  EXPECT_EQ(plan(limits, v1()),
            (Lines{"blkio.weight=500 or blkio.bfq.weight=500",
                   "blkio.weight_device=8:0 100 or blkio.bfq.weight_device=8:0 100"}));
  EXPECT_EQ(plan(limits, v2()), (Lines{"io.bfq.weight=500 or io.weight=4950",
                                       "io.bfq.weight=8:0 100 or io.weight=8:0 910"}));
  EXPECT_EQ(io_weight_of_blkio(10), 1U);
  EXPECT_EQ(io_weight_of_blkio(1000), 10000U);
}

TEST(PlanBlockIo, WritesThrottles) {
  Limits limits;
  limits.block_io.read_bps = {{8, 0, 1000}};
  limits.block_io.write_bps = {{8, 0, 0}};
  limits.block_io.read_iops = {{8, 16, 30}};
  limits.block_io.write_iops = {{8, 16, 40}};
  EXPECT_EQ(plan(limits, v1()), (Lines{"blkio.throttle.read_bps_device=8:0 1000",
                                       "blkio.throttle.write_bps_device=8:0 0",
                                       "blkio.throttle.read_iops_device=8:16 30",
                                       "blkio.throttle.write_iops_device=8:16 40"}));
  EXPECT_EQ(plan(limits, v2()), (Lines{"io.max=8:0 rbps=1000", "io.max=8:0 wbps=max",
                                       "io.max=8:16 riops=30", "io.max=8:16 wiops=40"}));
  limits.block_io.leaf_weight = 10;
  EXPECT_EQ(refused(limits, v2()), "blockIO.leafWeight: cgroup v2 has no such limit");
}

TEST(PlanPids, TakesZeroAsOneAndMinusOneAsUnlimited) {
  Limits limits;
  limits.pids = 0;
  EXPECT_EQ(plan(limits, v1()), (Lines{"pids.max=1"}));
  limits.pids = -1;
  EXPECT_EQ(plan(limits, v2()), (Lines{"pids.max=max"}));
  limits.pids = 20;
  EXPECT_EQ(plan(limits, v2()), (Lines{"pids.max=20"}));
}

TEST(PlanHugepages, LimitsReservationsWhereTheKernelCan) {
  Limits limits;
  limits.hugepages = {{"2MB", 4194304}};
  EXPECT_EQ(plan(limits, v1()), (Lines{"hugetlb.2MB.limit_in_bytes=4194304",
                                       "?hugetlb.2MB.rsvd.limit_in_bytes=4194304"}));
  EXPECT_EQ(plan(limits, v2()),
            (Lines{"hugetlb.2MB.max=4194304", "?hugetlb.2MB.rsvd.max=4194304"}));
}

TEST(PlanOthers, NetworkRdmaAndUnified) {
  Limits limits;
  limits.network_class = 0x100001;
  limits.network_priorities = {{"eth0", 500}};
  limits.rdma = {{"mlx5_1", "hca_handle=3"}};
  limits.unified = {{"memory.high", "1073741824"}};
  EXPECT_EQ(plan(limits, v2()), (Lines{"net_cls.classid=1048577", "net_prio.ifpriomap=eth0 500",
                                       "rdma.max=mlx5_1 hca_handle=3", "memory.high=1073741824"}));
  const auto writes = plan_limits(limits, v1());
  ASSERT_TRUE(writes);
  EXPECT_EQ(writes->front(), (ControlWrite{Version::kV1, "net_cls", "net_cls.classid", "1048577",
                                           "network.classID"}));
  EXPECT_EQ(writes->back(), (ControlWrite{Version::kV2, "memory", "memory.high", "1073741824",
                                          "unified.memory.high"}));
}

TEST(PlanOthers, RefusesUnifiedPaths) {
  for (const char* bad : {"../memory.max", "memory", ".max"}) {
    Limits limits;
    limits.unified = {{bad, "1"}};
    EXPECT_EQ(refused(limits, v2()),
              fmt::format("unified: '{}' is no control file: expected CONTROLLER.PARAMETER", bad));
  }
}

TEST(ParseLimit, KnowsMax) {
  EXPECT_EQ(parse_limit("max\n"), -1);
  EXPECT_EQ(parse_limit("4096\n"), 4096);
  EXPECT_EQ(parse_limit("4096 100000\n"), std::nullopt);
  EXPECT_EQ(parse_limit(""), std::nullopt);
}

}  // namespace
}  // namespace stasis::cgroup
