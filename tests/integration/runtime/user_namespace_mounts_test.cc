// The file systems and devices of a container with a user namespace.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"
#include "integration/support/user_namespace_bundle.h"

namespace stasis::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class UserNamespaceMounts : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    use_user_namespace(*bundle_);
  }
  Finished run(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::string output(const std::string& script) {
    const Finished finished = run(script);
    EXPECT_EQ(finished.status, 0) << finished.err << runtime().log();
    return finished.out;
  }
  void bind(const std::string& source, const std::vector<std::string>& options) {
    bundle_->config["mounts"].push_back(
        {{"type", "bind"}, {"source", source}, {"destination", "/mnt"}, {"options", options}});
  }
  void leave_out(const std::string& kind) {
    auto& namespaces = bundle_->config["linux"]["namespaces"];
    namespaces.erase(
        std::ranges::find_if(namespaces, [&](const auto& one) { return one["type"] == kind; }));
  }

  std::unique_ptr<Bundle> bundle_;
};

TEST_F(UserNamespaceMounts, TheUsualOnesBelongToRootInside) {
  EXPECT_EQ(output("stat -c '%n %u:%g' /dev /dev/shm /dev/mqueue /dev/pts;"
                   "touch /dev/mqueue/queue /dev/shm/x && echo made;"
                   "ls /sys/class/net; test -r /proc/1/status && echo proc"),
            "/dev 0:0\n/dev/shm 0:0\n/dev/mqueue 0:0\n/dev/pts 0:0\nmade\nlo\nproc\n");
}

TEST_F(UserNamespaceMounts, DevicesAreThoseOfTheHost) {
  bundle_->config["linux"]["devices"] = {
      {{"path", "/dev/kmsg"}, {"type", "c"}, {"major", 1}, {"minor", 11}}};
  EXPECT_EQ(output("for name in null zero full random urandom tty kmsg; do"
                   "  stat -c '%n %F %t:%T' /dev/$name; done; echo x > /dev/null && echo written"),
            "/dev/null character special file 1:3\n"
            "/dev/zero character special file 1:5\n"
            "/dev/full character special file 1:7\n"
            "/dev/random character special file 1:8\n"
            "/dev/urandom character special file 1:9\n"
            "/dev/tty character special file 5:0\n"
            "/dev/kmsg character special file 1:b\n"
            "written\n");
}

TEST_F(UserNamespaceMounts, AGroupOfADevptsMustBeMapped) {
  bundle_->config["linux"]["gidMappings"][0]["size"] = 1;
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("mounts[2].options: 'gid=5': id 5 is not mapped: "
                                         "linux.gidMappings has 0"));
}

// Whose the network is not may not mount a sysfs that shows it.
TEST_F(UserNamespaceMounts, WithTheNetworkOfTheHostSysIsBound) {
  leave_out("network");
  EXPECT_THAT(output("grep ' /sys ' /proc/self/mountinfo; ls /sys/class/net"),
              ContainsRegex(" / /sys ro,.* - sysfs sysfs .*\nlo\n"));
}

TEST_F(UserNamespaceMounts, ABindKeepsTheFlagsThatAreLocked) {
  const std::string source = directory() + "/source";
  std::filesystem::create_directories(source);
  ASSERT_EQ(mount("tmpfs", source.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr), 0);
  bind(source, {"rbind", "ro"});
  EXPECT_THAT(output("grep ' /mnt ' /proc/self/mountinfo"), HasSubstr(" ro,nosuid,nodev,noexec,"));
  bundle_->config["mounts"].back()["options"] = {"rbind", "rw", "exec", "nosymfollow"};
  EXPECT_THAT(output("grep ' /mnt ' /proc/self/mountinfo"),
              HasSubstr(" rw,nosuid,nodev,noexec,relatime,nosymfollow "));
}

TEST_F(UserNamespaceMounts, ProcSysIsReadOnlyButForItsOwn) {
  EXPECT_EQ(output("echo x 2>/dev/null > /proc/sys/kernel/hostname || echo protected"),
            "protected\n");
  bundle_->config["linux"]["readonlyPaths"].clear();
  bundle_->allow_all_capabilities();
  EXPECT_EQ(output("echo 1 > /proc/sys/net/ipv4/ip_forward && echo mine;"
                   "echo 1 2>/dev/null > /proc/sys/kernel/panic || echo not mine"),
            "mine\nnot mine\n");
}

}  // namespace
}  // namespace stasis::test
