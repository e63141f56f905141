// linux.resources of config.json: the control files of the container's cgroup, and what they do to
// its processes.
#include <sched.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CgroupLimits : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/sleep", "1000"});
    bundle_->config["linux"]["cgroupsPath"] = "/box";
  }
  void set_resources(const std::string& text) {
    bundle_->config["linux"]["resources"].update(json::parse(text));
    bundle_->save();
  }
  Finished run(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  void expect_refused(const std::string& resources, const std::string& why) {
    set_resources(resources);
    EXPECT_EQ(run("true").status, 1);
    EXPECT_THAT(runtime().log(), HasSubstr(why));
  }
  static std::string value_of(const std::string& file) {
    const std::string text = read_file("/sys/fs/cgroup/" + file);
    return text.substr(0, text.find_last_not_of('\n') + 1);
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

// "254:0": a whole disk of this machine.
std::string any_disk() {
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block")) {
    const std::string number = read_file(entry.path() / "dev");
    return number.substr(0, number.find('\n'));
  }
  give_up("there is no block device here");
}

TEST_F(CgroupLimits, AreInTheFilesOfTheirControllers) {
  set_resources(R"({
    "memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296, "swappiness": 10,
               "kernelTCP": 1048576, "disableOOMKiller": true},
    "cpu": {"shares": 512, "quota": 20000, "period": 50000, "burst": 1000, "cpus": "0",
            "mems": "0"},
    "pids": {"limit": 40}})");
  start_container("c1", *bundle_, stdio_);
  EXPECT_EQ(value_of("memory/box/memory.limit_in_bytes"), "67108864");
  EXPECT_EQ(value_of("memory/box/memory.soft_limit_in_bytes"), "33554432");
  EXPECT_EQ(value_of("memory/box/memory.memsw.limit_in_bytes"), "100663296");
  EXPECT_EQ(value_of("memory/box/memory.swappiness"), "10");
  EXPECT_EQ(value_of("memory/box/memory.kmem.tcp.limit_in_bytes"), "1048576");
  EXPECT_THAT(value_of("memory/box/memory.oom_control"), HasSubstr("oom_kill_disable 1"));
  EXPECT_EQ(value_of("cpu/box/cpu.shares"), "512");
  EXPECT_EQ(value_of("cpu/box/cpu.cfs_quota_us"), "20000");
  EXPECT_EQ(value_of("cpu/box/cpu.cfs_period_us"), "50000");
  EXPECT_EQ(value_of("cpu/box/cpu.cfs_burst_us"), "1000");
  EXPECT_EQ(value_of("cpuset/box/cpuset.cpus"), "0");
  EXPECT_EQ(value_of("cpuset/box/cpuset.mems"), "0");
  EXPECT_EQ(value_of("pids/box/pids.max"), "40");
}

TEST_F(CgroupLimits, MakeTheCpuIdle) {
  set_resources(R"({"cpu": {"idle": 1}})");
  start_container("c1", *bundle_, stdio_);
  EXPECT_EQ(value_of("cpu/box/cpu.idle"), "1");
}

TEST_F(CgroupLimits, ThrottleDisks) {
  const std::string disk = any_disk();
  const auto colon = disk.find(':');
  const json device{{"major", std::stoi(disk.substr(0, colon))},
                    {"minor", std::stoi(disk.substr(colon + 1))}};
  json& block_io = bundle_->config["linux"]["resources"]["blockIO"];
  const std::vector<std::pair<std::string, int>> throttles{{"throttleReadBpsDevice", 1048576},
                                                           {"throttleWriteBpsDevice", 2097152},
                                                           {"throttleReadIOPSDevice", 100},
                                                           {"throttleWriteIOPSDevice", 200}};
  for (const auto& [name, rate] : throttles) {
    block_io[name] = json::array({device});
    block_io[name][0]["rate"] = rate;
  }
  bundle_->save();
  start_container("c1", *bundle_, stdio_);
  const std::string prefix = "blkio/box/blkio.throttle.";
  EXPECT_EQ(value_of(prefix + "read_bps_device"), disk + " 1048576");
  EXPECT_EQ(value_of(prefix + "write_bps_device"), disk + " 2097152");
  EXPECT_EQ(value_of(prefix + "read_iops_device"), disk + " 100");
  EXPECT_EQ(value_of(prefix + "write_iops_device"), disk + " 200");
}

TEST_F(CgroupLimits, HaveFilesOfV2ByTheirNames) {
  set_resources(R"({"unified": {"cgroup.max.depth": "3"}})");
  start_container("c1", *bundle_, stdio_);
  EXPECT_EQ(value_of("unified/box/cgroup.max.depth"), "3");
}

// runc takes 0 as the least that the kernel can hold a container to.
TEST_F(CgroupLimits, OfZeroProcessesLeaveOne) {
  set_resources(R"({"pids": {"limit": 0}})");
  const Finished finished = run("cat /sys/fs/cgroup/pids/pids.max; (true) && echo forked");
  EXPECT_THAT(finished.err, HasSubstr("can't fork"));
  EXPECT_EQ(finished.out, "");
}

TEST_F(CgroupLimits, OfMinusOneAreNone) {
  set_resources(R"({"pids": {"limit": -1}, "memory": {"limit": -1, "swap": -1}})");
  const Finished finished =
      run("cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
  EXPECT_EQ(finished.out, "max\n9223372036854771712\n") << runtime().log();
}

TEST_F(CgroupLimits, OfMemoryKillWhoExceedsThem) {
  set_resources(R"({"memory": {"limit": 16777216, "swap": 16777216}})");
  EXPECT_EQ(run("exec tail /dev/zero").status, 128 + 9) << runtime().log();
}

// /dev/kmsg is no device that every container may use.
TEST_F(CgroupLimits, OfDevicesAreSeenInside) {
  bundle_->config["linux"]["devices"] =
      json::parse(R"([{"path": "/dev/log", "type": "c", "major": 1, "minor": 11}])");
  const std::string script = "head -c1 /dev/log | wc -c; : > /dev/log && echo written";
  set_resources(R"({"devices": [{"allow": false, "access": "rwm"}]})");
  const Finished denied = run(script);
  EXPECT_EQ(denied.out, "0\n") << runtime().log();
  EXPECT_THAT(denied.err, HasSubstr("/dev/log: Operation not permitted"));

  set_resources(R"({"devices": [
    {"allow": false, "access": "rwm"},
    {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "rw"},
    {"allow": false, "type": "c", "major": 1, "minor": 11, "access": "r"}]})");
  const Finished writable = run(script);
  EXPECT_EQ(writable.out, "0\nwritten\n") << runtime().log();
  EXPECT_THAT(writable.err, HasSubstr("head: /dev/log: Operation not permitted"));
}

TEST_F(CgroupLimits, ThatCannotBeSetNameTheMember) {
  expect_refused(R"({"network": {"classID": 5}})",
                 "linux.resources.network.classID: needs the 'net_cls' cgroup controller");
  bundle_->config["linux"]["resources"].erase("network");
  expect_refused(R"({"unified": {"cgroup.max.none": "1"}})", "cgroup.max.none");
  expect_refused(R"({"unified": {"../cgroup.max.depth": "1"}})", "../cgroup.max.depth");
  expect_refused(R"({"unified": {"memory.max": "1"}})", "'memory' cgroup controller");
  bundle_->config["linux"]["resources"].erase("unified");
  expect_refused(R"({"cpu": {"cpus": "900"}})", "linux.resources.cpu.cpus");
}

// Where the runtime may run says nothing about where the container may.
TEST_F(CgroupLimits, DecideAboutTheCpusWhateverTheCallersAre) {
  cpu_set_t before;
  must(sched_getaffinity(0, sizeof(before), &before), "sched_getaffinity");
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  must(sched_setaffinity(0, sizeof(first), &first), "sched_setaffinity");
  const std::string cpus = value_of("cpuset/cpuset.effective_cpus");
  EXPECT_NE(cpus, "0") << "this machine has one cpu: nothing can be seen here";
  start_container("c1", *bundle_, stdio_);
  EXPECT_EQ(expect_success({"exec", "c1", "grep", "Cpus_allowed_list", "/proc/1/status"}).out,
            "Cpus_allowed_list:\t" + cpus + "\n");
  EXPECT_EQ(expect_success({"exec", "c1", "grep", "Cpus_allowed_list", "/proc/self/status"}).out,
            "Cpus_allowed_list:\t" + cpus + "\n");
  must(sched_setaffinity(0, sizeof(before), &before), "sched_setaffinity");
}

TEST_F(CgroupLimits, HoldForExecToo) {
  start_container("c1", *bundle_, stdio_);
  const std::string first = expect_success({"exec", "c1", "cat", "/proc/1/cgroup"}).out;
  EXPECT_EQ(expect_success({"exec", "c1", "cat", "/proc/self/cgroup"}).out, first);
  EXPECT_THAT(first, HasSubstr("0::/box\n"));
  EXPECT_THAT(first, HasSubstr(":memory:/box\n"));
}

}  // namespace
}  // namespace stasis::test
