// A kernel that seems to have AppArmor: sysfs says so, and /proc/self/attr/exec answers EINVAL, as
// nobody in this kernel takes it. So profiles reach the kernel, and it is heard.
#include <sys/mount.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

constexpr const char* kModules = "/sys/module";

class AppArmor : public BusyboxTest {
 protected:
  void SetUp() override {
    BusyboxTest::SetUp();
    ASSERT_FALSE(std::filesystem::exists("/sys/module/apparmor"))
        << "this kernel has AppArmor: test with that";
    pretend();
  }
  static void pretend() {
    must(mount("tmpfs", kModules, "tmpfs", 0, ""), "mount tmpfs");
    std::filesystem::create_directories("/sys/module/apparmor/parameters");
    write_file("/sys/module/apparmor/parameters/enabled", "Y\n");
  }
  void TearDown() override {
    must(umount2(kModules, MNT_DETACH), "umount");
    BusyboxTest::TearDown();
  }
};

TEST_F(AppArmor, ProfilesReachTheKernel) {
  process()["apparmorProfile"] = "docker-default";
  EXPECT_THAT(refusal(), HasSubstr("process.apparmorProfile: 'docker-default': is it loaded?: "
                                   "write 19 bytes"));
  EXPECT_THAT(runtime().log(), HasSubstr("EINVAL"));
  process().erase("apparmorProfile");
  EXPECT_EQ(output("echo unconfined"), "unconfined\n");
}

TEST_F(AppArmor, ProfilesOfExecReachTheKernel) {
  start_sleeper();
  const Finished finished = exec({"--apparmor", "docker-default"}, {"true"});
  EXPECT_EQ(finished.status, 255);
  EXPECT_THAT(finished.err, HasSubstr("process.apparmorProfile: 'docker-default': is it loaded?"));
  EXPECT_EQ(exec_output({}, "echo unconfined"), "unconfined\n");
}

TEST_F(AppArmor, ConfinedProcessesAreNotCheckpointed) {
  start_sleeper();
  const std::string image = directory() + "/image";
  const Finished finished = runtime().run({"checkpoint", "--image-path", image, "c1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("the AppArmor label of process"));
  EXPECT_EQ(container_status("c1"), "running");
  EXPECT_FALSE(std::filesystem::exists(image));
}

TEST_F(AppArmor, NothingIsRestoredUnderAProfile) {
  must(umount2(kModules, MNT_DETACH), "umount");
  const std::string image = directory() + "/image";
  start_sleeper();
  checkpoint_container("c1", image);
  pretend();
  process()["apparmorProfile"] = "docker-default";
  bundle().save();
  const Finished finished = runtime().run(
      {"restore", "--detach", "--image-path", image, "--bundle", bundle().directory(), "c1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("process.apparmorProfile: restored processes cannot be put "
                                      "under 'docker-default'"));
}

TEST_F(BusyboxTest, LabelsOfSelinuxAreRefusedForExec) {
  start_sleeper();
  const Finished finished = exec({"--process-label", "system_u:system_r:x_t:s0"}, {"true"});
  EXPECT_EQ(finished.status, 255);
  EXPECT_THAT(finished.err, HasSubstr("--process-label: SELinux is not supported by stasis"));
}

}  // namespace
}  // namespace stasis::test
