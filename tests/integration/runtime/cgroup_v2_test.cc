// A machine with cgroup v2 alone: a mount namespace without the hierarchies of v1.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/busybox_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kMountPoint = "/sys/fs/cgroup";

class CgroupV2 : public BusyboxTest {
 protected:
  CgroupV2() : before_(must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt")) {
    must(unshare(CLONE_NEWNS), "unshare");
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
    must(umount2(kMountPoint, MNT_DETACH), "umount the hierarchies");
    must(mount("cgroup2", kMountPoint, "cgroup2", 0, nullptr), "mount cgroup2");
  }
  ~CgroupV2() override { must(setns(before_.get(), CLONE_NEWNS), "setns"); }
  CgroupV2(const CgroupV2&) = delete;
  CgroupV2& operator=(const CgroupV2&) = delete;

  void SetUp() override {
    BusyboxTest::SetUp();
    json& linux_part = bundle().config["linux"];
    linux_part["cgroupsPath"] = "/box";
    // Inside, the paths are those of the host.
    json& namespaces = linux_part["namespaces"];
    namespaces.erase(std::ranges::find(namespaces, json::parse(R"({"type": "cgroup"})")));
  }
  void set_resources(const std::string& text) {
    bundle().config["linux"]["resources"] = json::parse(text);
    bundle().save();
  }
  static std::string value_of(const std::string& file) {
    const std::string text = read_file(std::string(kMountPoint) + "/" + file);
    return text.substr(0, text.find_last_not_of('\n') + 1);
  }

 private:
  UniqueFd before_;
};

TEST_F(CgroupV2, HasTheContainerInItsCgroup) {
  start_sleeper();
  EXPECT_EQ(value_of("box/cgroup.procs"), std::to_string(container_pid("c1")));
  EXPECT_THAT(exec_output({}, "cat /proc/self/cgroup"), HasSubstr("0::/box\n"));
  expect_success({"delete", "--force", "c1"});
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup/box"));
}

TEST_F(CgroupV2, TakesFilesByTheirNames) {
  set_resources(R"({"unified": {"cgroup.max.depth": "3"}})");
  start_sleeper();
  EXPECT_EQ(value_of("box/cgroup.max.depth"), "3");
}

TEST_F(CgroupV2, NamesTheControllerThatIsMissing) {
  set_resources(R"({"memory": {"limit": 67108864}})");
  EXPECT_THAT(refusal(), HasSubstr("linux.resources.memory.limit: needs the 'memory' cgroup"));
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup/box"));
}

TEST_F(CgroupV2, HasDeviceRulesByAProgramOfTheKernels) {
  bundle().config["linux"]["devices"] =
      json::parse(R"([{"path": "/dev/log", "type": "c", "major": 1, "minor": 11}])");
  set_resources(R"({"devices": [
    {"allow": false, "access": "rwm"},
    {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "w"}]})");
  start_sleeper();
  const std::string script =
      "head -c1 /dev/log 2>&1; : > /dev/log && echo written; head -c1 /dev/zero | wc -c";
  EXPECT_EQ(exec_output({}, script), "head: /dev/log: Operation not permitted\nwritten\n1\n");
}

TEST_F(CgroupV2, PausesByItsFreezer) {
  start_sleeper();
  expect_success({"pause", "c1"});
  EXPECT_EQ(value_of("box/cgroup.freeze"), "1");
  EXPECT_EQ(container_status("c1"), "paused");
  expect_success({"resume", "c1"});
  EXPECT_EQ(value_of("box/cgroup.freeze"), "0");
  EXPECT_EQ(container_status("c1"), "running");
  expect_success({"pause", "c1"});
  expect_success({"delete", "--force", "c1"});
}

TEST_F(CgroupV2, KillsAllOfIt) {
  bundle().config["linux"]["namespaces"].erase(0);
  ASSERT_THAT(bundle().config["linux"]["namespaces"].dump(), testing::Not(HasSubstr("pid")));
  bundle().config["mounts"] = json::array();
  bundle().config["linux"]["maskedPaths"] = json::array();
  bundle().config["linux"]["readonlyPaths"] = json::array();
  bundle().set_arguments({"/bin/sh", "-c", "sleep 1000 & exec sleep 2000"});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  expect_success({"kill", "--all", "c1", "KILL"});
  // All have closed their output, which a process does shortly before it leaves its cgroup.
  stdio.read_to_end();
  const auto end = std::chrono::steady_clock::now() + kLimit;
  while (!value_of("box/cgroup.procs").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
}

// As systemd does inside: processes move to leaves.
TEST_F(CgroupV2, BelongsToTheContainerWithAllThatIsBelow) {
  add_mount("cgroup", "cgroup", "/sys/fs/cgroup", {"rw"});
  bundle().set_arguments(
      {"/bin/sh", "-c",
       "cd /sys/fs/cgroup; mkdir leaf empty; echo $$ > leaf/cgroup.procs; echo ready; exec sleep "
       "1000"});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  EXPECT_EQ(value_of("box/leaf/cgroup.procs"), std::to_string(container_pid("c1")));
  EXPECT_THAT(exec_output({}, "cat /proc/self/cgroup"), HasSubstr("0::/box\n"));
  expect_success({"pause", "c1"});
  EXPECT_THAT(value_of("box/leaf/cgroup.events"), HasSubstr("frozen 1"));
  expect_success({"delete", "--force", "c1"});
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup/box"));
}

TEST_F(CgroupV2, IsLeftAndJoinedByCheckpoints) {
  bundle().set_arguments(
      {"/bin/sh", "-c", "i=0; echo ready; while read line; do i=$((i + 1)); echo $line $i; done"});
  Pipes before;
  start_container("c1", bundle(), before);
  ASSERT_EQ(before.next_line(), "ready");
  before.write("first\n");
  ASSERT_EQ(before.next_line(), "first 1");
  checkpoint_container("c1", directory() + "/image", {});
  EXPECT_FALSE(std::filesystem::exists("/sys/fs/cgroup/box"));
  Pipes after;
  restore_container("c1", bundle(), directory() + "/image", after);
  after.write("second\n");
  EXPECT_EQ(after.next_line(), "second 2");
  EXPECT_EQ(value_of("box/cgroup.procs"), std::to_string(container_pid("c1")));
}

TEST_F(CgroupV2, HasANamespaceInTheSpecificationThatIsMade) {
  const auto namespaces = [&](const std::string& place, std::vector<std::string> command) {
    const std::string made = directory() + "/tmp/" + place;
    std::filesystem::create_directories(made);
    command.insert(command.end(), {"spec", "--bundle", made});
    EXPECT_EQ(run_program(command).status, 0);
    return json::parse(read_file(made + "/config.json"))["linux"]["namespaces"];
  };
  const json ours = namespaces("ours", {runtime().binary()});
  EXPECT_EQ(ours.back(), json::parse(R"({"type": "cgroup"})"));
  EXPECT_EQ(ours, namespaces("theirs", {"runc"}));
}

}  // namespace
}  // namespace stasis::test
