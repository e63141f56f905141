// Classes of service. No machine of the tests has a resctrl file system: ordinary files stand for
// it, which the kernel would make with each directory.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/busybox_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using std::filesystem::create_directories;
using std::filesystem::exists;
using testing::HasSubstr;

const std::string kRoot = "/sys/fs/resctrl";

class Resctrl : public BusyboxTest {
 protected:
  // The machine, with the class "gold".
  Resctrl() : before_(must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt")) {
    must(unshare(CLONE_NEWNS), "unshare");
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
    const UniqueFd cgroups(
        must(open_tree(AT_FDCWD, kCgroups, kCloneAll), "copy the cgroup mounts"));
    must(mount("tmpfs", "/sys/fs", "tmpfs", 0, nullptr), "mount a tmpfs");
    create_directories(kCgroups);
    must(move_mount(cgroups.get(), "", AT_FDCWD, kCgroups, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
    create_directories(kRoot + "/info/L3_MON");
    create_directories(kRoot + "/gold/mon_groups");
    write_file(kRoot + "/info/L3_MON/mon_features", "llc_occupancy\n");
    write_file(kRoot + "/gold/schemata", "L3:0=000ff;1=fffff\n");
    write_file(kRoot + "/gold/tasks", "");
  }
  ~Resctrl() override { must(setns(before_.get(), CLONE_NEWNS), "setns"); }
  Resctrl(const Resctrl&) = delete;
  Resctrl& operator=(const Resctrl&) = delete;

  void set_rdt(const std::string& text) {
    bundle().config["linux"]["intelRdt"] = json::parse(text);
    bundle().save();
  }
  static std::string processes_of(const std::string& name) {
    return read_file(kRoot + "/" + name + "/tasks");
  }

 private:
  static constexpr const char* kCgroups = "/sys/fs/cgroup";
  static constexpr unsigned kCloneAll = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  UniqueFd before_;
};

TEST_F(Resctrl, ProcessesAreInTheClassThatIsNamed) {
  set_rdt(R"({"closID": "gold", "l3CacheSchema": "L3:0=ff"})");
  start_sleeper();
  EXPECT_EQ(read_file(kRoot + "/gold/tasks"), std::to_string(container_pid("c1")));
  write_file(kRoot + "/gold/tasks", "");
  exec_output({}, "true");
  EXPECT_NE(read_file(kRoot + "/gold/tasks"), "");
  expect_success({"delete", "--force", "c1"});
  EXPECT_TRUE(exists(kRoot + "/gold"));
}

TEST_F(Resctrl, UpdateChangesTheValues) {
  set_rdt(R"({"closID": "gold"})");
  start_sleeper();
  expect_success(
      {"update", "--l3-cache-schema", "L3:0=00001;1=00001", "--mem-bw-schema", "MB:0=50", "c1"});
  EXPECT_EQ(read_file(kRoot + "/gold/schemata"), "L3:0=00001;1=00001\nMB:0=50\n");
}

TEST_F(Resctrl, EventsShowTheValues) {
  create_directories(kRoot + "/info/L3");
  write_file(kRoot + "/info/L3/cbm_mask", "fffff\n");
  write_file(kRoot + "/info/L3/min_cbm_bits", "1\n");
  write_file(kRoot + "/info/L3/num_closids", "16\n");
  write_file(kRoot + "/schemata", "L3:0=fffff;1=fffff\n");
  create_directories(kRoot + "/gold/mon_data/mon_L3_00");
  write_file(kRoot + "/gold/mon_data/mon_L3_00/llc_occupancy", "4096\n");
  write_file(kRoot + "/gold/mon_data/mon_L3_00/mbm_local_bytes", "7\n");
  set_rdt(R"({"closID": "gold"})");
  start_sleeper();
  const json shown = json::parse(expect_success({"events", "--stats", "c1"}).out);
  EXPECT_EQ(shown["data"]["intel_rdt"], json::parse(R"({
    "l3_cache_info": {"cbm_mask": "fffff", "min_cbm_bits": 1, "num_closids": 16},
    "l3_cache_schema_root": "L3:0=fffff;1=fffff", "l3_cache_schema": "L3:0=000ff;1=fffff",
    "mbm_stats": [{"mbm_local_bytes": 7}], "cmt_stats": [{"llc_occupancy": 4096}]})"));
}

TEST_F(Resctrl, AClassOfItsOwnIsMadeAndRemoved) {
  bundle().set_arguments({"/bin/sleep", "1000"});
  set_rdt("{}");
  will_delete("c1");
  Pipes stdio;
  Program command = runtime().start({"run", "--detach", "--bundle", bundle().directory(), "c1"},
                                    stdio.take_other_ends(),
                                    {.environment = {"STASIS_FAULT=launch.reserved=pause"}});
  siginfo_t stopped{};
  must(waitid(P_PID, static_cast<id_t>(command.pid()), &stopped, WSTOPPED), "waitid");
  write_file(kRoot + "/c1/tasks", "");
  command.signal(SIGCONT);
  ASSERT_EQ(command.wait(), 0) << runtime().log();
  EXPECT_EQ(processes_of("c1"), std::to_string(container_pid("c1")));
  std::filesystem::remove(kRoot + "/c1/tasks");
  expect_success({"delete", "--force", "c1"});
  EXPECT_FALSE(exists(kRoot + "/c1"));
}

TEST_F(Resctrl, RestoredProcessesAreInTheirClass) {
  start_sleeper();
  const std::string image = directory() + "/tmp/image";
  checkpoint_container("c1", image);
  set_rdt(R"({"closID": "gold"})");
  Pipes stdio;
  restore_container("c1", bundle(), image, stdio);
  EXPECT_EQ(processes_of("gold"), std::to_string(container_pid("c1")));
}

TEST_F(Resctrl, RestoredProcessesOfExecAreInItToo) {
  start_sleeper();
  exec({"--detach"}, {"/bin/sh", "-c", "exec sleep 1000 < /dev/null > /dev/null 2>&1"});
  const std::string image = directory() + "/tmp/image";
  checkpoint_container("c1", image);
  set_rdt(R"({"closID": "gold"})");
  Pipes stdio;
  restore_container("c1", bundle(), image, stdio);
  // The file has what was written to it last.
  auto pids =
      json::parse(expect_success({"ps", "--format", "json", "c1"}).out).get<std::vector<pid_t>>();
  std::erase(pids, container_pid("c1"));
  ASSERT_EQ(pids.size(), 1U);
  EXPECT_EQ(processes_of("gold"), std::to_string(pids[0]));
}

TEST_F(Resctrl, ARestoreThatIsKilledLeavesNoClass) {
  start_sleeper();
  const std::string image = directory() + "/tmp/image";
  checkpoint_container("c1", image);
  set_rdt("{}");
  // To the end of the command and, as that has the same output pipes, of its guardian.
  const Finished killed = runtime().run(
      {"restore", "--detach", "--image-path", image, "--bundle", bundle().directory(), "c1"},
      {.environment = {"STASIS_FAULT=launch.reserved=kill"}});
  EXPECT_EQ(killed.status, 128 + SIGKILL);
  EXPECT_FALSE(exists(kRoot + "/c1"));
}

TEST_F(Resctrl, WhatCannotBeHadLeavesNothing) {
  // No file system of ordinary files makes "schemata" in a new directory.
  set_rdt(R"({"l3CacheSchema": "L3:0=ff"})");
  EXPECT_THAT(refusal(), HasSubstr("linux.intelRdt: "));
  EXPECT_FALSE(exists(kRoot + "/c1"));
  set_rdt(R"({"closID": "gold", "enableMBM": true})");
  EXPECT_THAT(refusal(), HasSubstr("linux.intelRdt.enableMBM: this machine does not measure it"));
  set_rdt(R"({"closID": "tin"})");
  EXPECT_THAT(refusal(), HasSubstr("'/sys/fs/resctrl/tin' does not exist"));
}

TEST_F(BusyboxTest, ClassesOfServiceNeedAMachineThatHasThem) {
  bundle().config["linux"]["intelRdt"] = json::parse(R"({"closID": "gold"})");
  bundle().save();
  EXPECT_THAT(refusal(),
              HasSubstr("linux.intelRdt: no resctrl file system is mounted at '/sys/fs/resctrl'"));
}

}  // namespace
}  // namespace stasis::test
