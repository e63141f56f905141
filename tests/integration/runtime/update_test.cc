// stasis update: limits of a running container, read in its own cgroup from inside.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class Update : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/sleep", "1000"});
    start_container("c1", *bundle_, stdio_);
  }
  std::string inside(const std::string& file) const {
    return expect_success({"exec", "--ignore-paused", "c1", "cat", "/sys/fs/cgroup/" + file}).out;
  }
  void expect_refused(const std::vector<std::string>& arguments, const std::string& why,
                      const std::string& input = "") const {
    const Finished refused = runtime().run(arguments, {.input = input});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(runtime().log(), HasSubstr(why));
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

TEST_F(Update, ChangesWhatItIsTold) {
  expect_success({"update", "--memory", "64m", "--memory-swap", "128m", "--memory-reservation",
                  "32m", "--pids-limit", "50", "--cpu-share", "512", "--cpu-period", "50000",
                  "--cpu-quota", "20000", "--cpuset-cpus", "0", "c1"});
  EXPECT_EQ(inside("memory/memory.limit_in_bytes"), "67108864\n");
  EXPECT_EQ(inside("memory/memory.soft_limit_in_bytes"), "33554432\n");
  EXPECT_EQ(inside("pids/pids.max"), "50\n");
  EXPECT_EQ(inside("cpu/cpu.shares"), "512\n");
  EXPECT_EQ(inside("cpu/cpu.cfs_period_us"), "50000\n");
  EXPECT_EQ(inside("cpu/cpu.cfs_quota_us"), "20000\n");
  EXPECT_EQ(inside("cpuset/cpuset.cpus"), "0\n");
}

TEST_F(Update, KeepsWhatItIsNotTold) {
  const std::string devices = inside("devices/devices.list");
  expect_success({"update", "--memory", "64m", "--pids-limit", "50", "c1"});
  const Finished from_input = runtime().run(
      {"update", "-r", "-", "c1"},
      {.input = R"({"memory": {"limit": 134217728}, "cpu": {"shares": 0, "quota": 30000}})"});
  EXPECT_EQ(from_input.status, 0) << runtime().log();
  EXPECT_EQ(inside("memory/memory.limit_in_bytes"), "134217728\n");
  EXPECT_EQ(inside("cpu/cpu.cfs_quota_us"), "30000\n");
  EXPECT_EQ(inside("pids/pids.max"), "50\n");
  EXPECT_EQ(inside("cpu/cpu.shares"), "1024\n");
  EXPECT_EQ(inside("devices/devices.list"), devices);
}

// The kernel takes neither limit beyond the other: the order of the writes depends on which grows.
TEST_F(Update, OrdersMemoryAndSwapAsTheKernelNeeds) {
  for (const auto& [memory, swap] : {std::pair("64m", "128m"), {"256m", "512m"}, {"32m", "48m"}}) {
    expect_success({"update", "--memory", memory, "--memory-swap", swap, "c1"});
  }
  EXPECT_EQ(inside("memory/memory.limit_in_bytes"), "33554432\n");
  expect_success({"update", "--memory", "-1", "--memory-swap", "-1", "c1"});
  EXPECT_EQ(inside("memory/memory.limit_in_bytes"), "9223372036854771712\n");
}

TEST_F(Update, LeavesAPausedContainerPaused) {
  expect_success({"pause", "c1"});
  expect_success({"update", "--pids-limit", "77", "c1"});
  EXPECT_EQ(container_status("c1"), "paused");
  expect_success({"resume", "c1"});
  EXPECT_EQ(inside("pids/pids.max"), "77\n");
}

TEST_F(Update, SaysWhatIsWrong) {
  expect_refused({"update", "--memory", "lots", "c1"},
                 "--memory: expected bytes, as '512m', or -1 for no limit, found 'lots'");
  expect_refused({"update", "-r", "-", "c1"}, "--resources: ", "{\"memory\": {\"limit\": \"x\"}}");
  expect_refused({"update", "-r", "-", "c1"}, "line 1", "{\"memory\": ");
  expect_refused({"update", "-r", "/none", "c1"}, "open '/none': ENOENT");
  expect_refused({"update", "--l3-cache-schema", "L3:0=f", "c1"},
                 "cannot update container 'c1': it was made without linux.intelRdt");
  expect_refused({"update", "--memory", "64m", "c2"}, "container 'c2' does not exist");
  expect_refused({"update", "--cpuset-cpus", "900", "c1"}, "cpus");
  expect_success({"kill", "c1", "KILL"});
  while (container_status("c1") != "stopped") {
  }
  expect_refused({"update", "--memory", "64m", "c1"}, "container not running");
}

}  // namespace
}  // namespace stasis::test
