// read_statistics() on trees of ordinary files: machines with v1, v2 or both.
#include "cgroup/statistics.h"

#include <gmock/gmock.h>

#include "cgroup/oom_watch.h"
#include "cgroup/statistics_parts.h"
#include "unit/cgroup/cgroup_tree.h"

namespace stasis::cgroup {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class ReadStatistics : public CgroupTree {
 protected:
  Statistics statistics() const {
    const auto read = read_statistics(*ContainerCgroup::open(record_));
    EXPECT_TRUE(read) << (read ? "" : read.error().message());
    return read.value_or(Statistics());
  }
  // With the tree's directory as "ROOT".
  std::string error() const {
    const auto read = read_statistics(*ContainerCgroup::open(record_));
    std::string message = read ? "" : read.error().message();
    const auto at = message.find(root_);
    return at == message.npos ? message : message.replace(at, root_.size(), "ROOT");
  }
};

TEST_F(ReadStatistics, OfTheCpuFromV1) {
  add_v1("cpuacct");
  add_v1("cpu");
  write("cpuacct/c/cpuacct.usage", "7000000123\n");
  write("cpuacct/c/cpuacct.stat", "user 300\nsystem 2\n");
  write("cpuacct/c/cpuacct.usage_percpu", "3000000000 4000000123 \n");
  write("cpuacct/c/cpuacct.usage_all", "cpu user system\n0 11 12\n1 21 22\n");
  write("cpu/c/cpu.stat", "nr_periods 9\nnr_throttled 4\nthrottled_time 5000\n");
  const CpuStatistics cpu = statistics().cpu;
  EXPECT_EQ(cpu.total_ns, 7000000123u);
  EXPECT_EQ(cpu.user_ns, 3000000000u);
  EXPECT_EQ(cpu.kernel_ns, 20000000u);
  EXPECT_THAT(cpu.percpu_ns, ElementsAre(3000000000, 4000000123));
  EXPECT_THAT(cpu.percpu_user_ns, ElementsAre(11, 21));
  EXPECT_THAT(cpu.percpu_kernel_ns, ElementsAre(12, 22));
  EXPECT_EQ(cpu.periods, 9u);
  EXPECT_EQ(cpu.throttled_periods, 4u);
  EXPECT_EQ(cpu.throttled_ns, 5000u);
  EXPECT_FALSE(cpu.pressure);
}

TEST_F(ReadStatistics, OfTheCpuFromV2) {
  add_v2("cpu", "cpu");
  write("v2/c/cpu.stat",
        "usage_usec 7\nuser_usec 4\nsystem_usec 3\nnr_periods 9\nnr_throttled 4\n"
        "throttled_usec 5\n");
  const CpuStatistics cpu = statistics().cpu;
  EXPECT_EQ(cpu.total_ns, 7000u);
  EXPECT_EQ(cpu.user_ns, 4000u);
  EXPECT_EQ(cpu.kernel_ns, 3000u);
  EXPECT_THAT(cpu.percpu_ns, IsEmpty());
  EXPECT_EQ(cpu.periods, 9u);
  EXPECT_EQ(cpu.throttled_periods, 4u);
  EXPECT_EQ(cpu.throttled_ns, 5000u);
}

TEST_F(ReadStatistics, OfTheCpusetFromV1) {
  add_v1("cpuset");
  write("cpuset/c/cpuset.cpus", "0-2,5\n");
  write("cpuset/c/cpuset.mems", "\n");
  write("cpuset/c/cpuset.memory_migrate", "1\n");
  write("cpuset/c/cpuset.sched_relax_domain_level", "-1\n");
  const CpusetStatistics cpuset = statistics().cpuset;
  EXPECT_THAT(cpuset.cpus, ElementsAre(0, 1, 2, 5));
  EXPECT_THAT(cpuset.mems, IsEmpty());
  EXPECT_EQ(cpuset.memory_migrate, 1u);
  EXPECT_EQ(cpuset.cpu_exclusive, 0u);
  EXPECT_EQ(cpuset.sched_relax_domain_level, -1);
}

TEST_F(ReadStatistics, OfMemoryFromV1) {
  add_v1("memory");
  write("memory/c/memory.stat", "cache 4096\nrss 8192\n");
  const std::vector<std::pair<std::string, int>> kinds{
      {"memory", 100}, {"memory.memsw", 200}, {"memory.kmem", 300}};
  for (const auto& [kind, base] : kinds) {
    write("memory/c/" + kind + ".limit_in_bytes", std::to_string(base + 1));
    write("memory/c/" + kind + ".usage_in_bytes", std::to_string(base + 2));
    write("memory/c/" + kind + ".max_usage_in_bytes", std::to_string(base + 3));
    write("memory/c/" + kind + ".failcnt", std::to_string(base + 4));
  }
  const MemoryStatistics memory = statistics().memory;
  EXPECT_EQ(memory.cache, 4096u);
  EXPECT_EQ(memory.memory, (MemoryAmount{101, 102, 103, 104}));
  EXPECT_EQ(memory.with_swap, (MemoryAmount{201, 202, 203, 204}));
  EXPECT_EQ(memory.kernel, (MemoryAmount{301, 302, 303, 304}));
  EXPECT_EQ(memory.kernel_tcp, MemoryAmount{});
  EXPECT_THAT(memory.raw, ElementsAre(Pair("cache", 4096), Pair("rss", 8192)));
}

TEST_F(ReadStatistics, OfMemoryFromV2WithSwapAsV1Counts) {
  add_v2("memory", "memory");
  write("v2/c/memory.stat", "anon 8192\nfile 4096\n");
  write("v2/c/memory.max", "1000\n");
  write("v2/c/memory.current", "200\n");
  write("v2/c/memory.peak", "300\n");
  write("v2/c/memory.swap.max", "50\n");
  write("v2/c/memory.swap.current", "7\n");
  MemoryStatistics memory = statistics().memory;
  EXPECT_EQ(memory.cache, 4096u);
  EXPECT_EQ(memory.memory, (MemoryAmount{1000, 200, 300, 0}));
  EXPECT_EQ(memory.with_swap, (MemoryAmount{1050, 207, 0, 0}));
  write("v2/c/memory.max", "max\n");
  memory = statistics().memory;
  EXPECT_EQ(memory.memory.limit, kUnlimited);
  EXPECT_EQ(memory.with_swap.limit, kUnlimited);
}

TEST_F(ReadStatistics, OfPressureFromV2BesideV1) {
  add_v1("memory");
  add_v2("", "");
  write("memory/c/memory.usage_in_bytes", "5\n");
  write("v2/c/memory.pressure",
        "some avg10=1.50 avg60=0.25 avg300=0.00 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.12 "
        "total=66\n");
  write("v2/c/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
  const Statistics all = statistics();
  EXPECT_EQ(all.memory.memory.usage, 5u);
  EXPECT_EQ(all.memory.pressure, (Pressure{{1.5, 0.25, 0, 77}, {0, 0, 0.12, 66}}));
  EXPECT_EQ(all.cpu.pressure, (Pressure{{0, 0, 0, 5}, {}}));
  EXPECT_FALSE(all.block_io.pressure);
}

TEST_F(ReadStatistics, OfProcesses) {
  add_v1("pids");
  write("pids/c/pids.current", "3\n");
  write("pids/c/pids.max", "40\n");
  EXPECT_EQ(statistics().pids.current, 3u);
  EXPECT_EQ(statistics().pids.limit, 40u);
  write("pids/c/pids.max", "max\n");
  EXPECT_EQ(statistics().pids.limit, 0u);
}

TEST_F(ReadStatistics, CountsProcessesWithoutTheController) {
  add_v2("", "");
  write("v2/c/cgroup.procs", "12\n13\n");
  write("v2/c/below/cgroup.procs", "14\n");
  EXPECT_EQ(statistics().pids.current, 3u);
}

TEST_F(ReadStatistics, OfDisksFromV1TakeTheSchedulerThatCounts) {
  add_v1("blkio");
  write("blkio/c/blkio.bfq.io_service_bytes_recursive", "Total 0\n");
  write("blkio/c/blkio.throttle.io_service_bytes_recursive",
        "8:16 Read 4096\n8:16 Total 4096\nTotal 4096\n");
  write("blkio/c/blkio.bfq.sectors_recursive", "8:0 6792\n");
  write("blkio/c/blkio.sectors_recursive", "8:0 1\n");
  const BlockIoStatistics block_io = statistics().block_io;
  EXPECT_THAT(block_io.service_bytes,
              ElementsAre(BlockIoEntry{8, 16, "Read", 4096}, BlockIoEntry{8, 16, "Total", 4096}));
  EXPECT_THAT(block_io.sectors, ElementsAre(BlockIoEntry{8, 0, "", 6792}));
  EXPECT_THAT(block_io.serviced, IsEmpty());
}

TEST_F(ReadStatistics, OfDisksFromV2ByTheNamesOfV1) {
  add_v2("io", "io");
  write("v2/c/io.stat", "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n8:0\n");
  const BlockIoStatistics block_io = statistics().block_io;
  EXPECT_THAT(block_io.service_bytes,
              ElementsAre(BlockIoEntry{8, 16, "Read", 1}, BlockIoEntry{8, 16, "Write", 2}));
  EXPECT_THAT(block_io.serviced,
              ElementsAre(BlockIoEntry{8, 16, "Read", 3}, BlockIoEntry{8, 16, "Write", 4}));
}

TEST_F(ReadStatistics, OfHugePagesFromV1) {
  add_v1("hugetlb");
  write("hugetlb/c/hugetlb.2MB.usage_in_bytes", "1\n");
  write("hugetlb/c/hugetlb.2MB.max_usage_in_bytes", "2\n");
  write("hugetlb/c/hugetlb.2MB.failcnt", "3\n");
  write("hugetlb/c/hugetlb.2MB.rsvd.usage_in_bytes", "4\n");
  EXPECT_THAT(statistics().huge_pages, ElementsAre(Pair("2MB", HugePageStatistics{1, 2, 3})));
}

TEST_F(ReadStatistics, OfHugePagesFromV2) {
  add_v2("hugetlb", "hugetlb");
  write("v2/c/hugetlb.1GB.current", "1\n");
  write("v2/c/hugetlb.1GB.events", "max 3\n");
  write("v2/c/hugetlb.1GB.rsvd.current", "4\n");
  EXPECT_THAT(statistics().huge_pages, ElementsAre(Pair("1GB", HugePageStatistics{1, 0, 3})));
}

TEST_F(ReadStatistics, NamesTheFileAndTheLineThatItCannotRead) {
  add_v1("memory");
  write("memory/c/memory.stat", "cache 4096\nrss much\n");
  EXPECT_EQ(error(), "ROOT/memory/c/memory.stat: line 2: expected 'KEY NUMBER', found 'rss much'");
  write("memory/c/memory.stat", "");
  write("memory/c/memory.failcnt", "-1\n");
  EXPECT_EQ(error(),
            "ROOT/memory/c/memory.failcnt: line 1: expected a number or 'max', found '-1'");
}

TEST_F(ReadStatistics, NamesTheDeviceLineThatItCannotRead) {
  add_v2("io", "io");
  write("v2/c/io.stat", "8:0 rbytes=x\n");
  EXPECT_EQ(error(),
            "ROOT/v2/c/io.stat: line 1: expected 'MAJOR:MINOR NAME=NUMBER ...', found '8:0 "
            "rbytes=x'");
}

TEST_F(ReadStatistics, NamesACgroupThatIsGone) {
  add_v1("memory");
  std::filesystem::remove_all(root_ + "/memory/c");
  EXPECT_EQ(error(), "the cgroup 'ROOT/memory/c' is gone");
}

TEST(ParseNumberRanges, RefusesWhatIsNoRange) {
  for (const char* text : {"a", "3-1", "1-", "1,,2", "70000", "1-2-3"}) {
    EXPECT_FALSE(parse_number_ranges(text)) << text;
  }
  EXPECT_THAT(*parse_number_ranges("65534-65535"), ElementsAre(65534, 65535));
}

TEST(ParsePressure, RefusesWhatIsNoAverage) {
  EXPECT_FALSE(parse_pressure("some avg10=x\n"));
  EXPECT_FALSE(parse_pressure("some total=-1\n"));
  EXPECT_FALSE(parse_pressure("some 1\n"));
}

class OomWatchOfV2 : public CgroupTree {};

TEST_F(OomWatchOfV2, TellsOfKillsSinceTheLastTime) {
  add_v2("memory", "memory");
  write("v2/c/memory.events", "max 9\noom 2\noom_kill 2\n");
  auto watch = OomWatch::start(*ContainerCgroup::open(record_));
  ASSERT_TRUE(watch);
  EXPECT_FALSE(*watch->take());
  write("v2/c/memory.events", "max 10\noom 2\noom_kill 2\n");
  EXPECT_FALSE(*watch->take());
  write("v2/c/memory.events", "max 10\noom 3\noom_kill 3\n");
  EXPECT_TRUE(*watch->take());
  EXPECT_FALSE(*watch->take());
}

TEST_F(OomWatchOfV2, NeedsTheController) {
  add_v2("", "");
  const auto watch = OomWatch::start(*ContainerCgroup::open(record_));
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().kind(), ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace stasis::cgroup
