// The runtime's own descriptors lead to the host, and a container's process starts as a copy of the
// runtime: nothing that config.json or a root filesystem names may lead through them.
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int kHighest = 24;  // the runtime has fewer

class HostDescriptors : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/true"});
    bundle_->save();
  }
  void start() {
    bundle_->set_arguments({"/bin/sleep", "1000"});
    start_container("c1", *bundle_, stdio_);
  }
  static std::string descriptor(int number) { return "/proc/self/fd/" + std::to_string(number); }
  std::unique_ptr<Bundle> bundle_;

 private:
  Pipes stdio_;
};

TEST_F(HostDescriptors, AreNoWorkingDirectory) {
  for (int number = 3; number < kHighest; ++number) {
    bundle_->config["process"]["cwd"] = descriptor(number);
    bundle_->save();
    EXPECT_NE(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}).status, 0) << number;
  }
  // The link belongs to whoever made the root filesystem.
  std::filesystem::create_symlink(descriptor(1), bundle_->rootfs() + "/link");
  bundle_->config["process"]["cwd"] = "/link";
  bundle_->save();
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}).status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("process.cwd: chdir '/link': too many levels of symbolic links"));
}

TEST_F(HostDescriptors, AreNoWorkingDirectoryOfExec) {
  start();
  for (int number = 3; number < kHighest; ++number) {
    EXPECT_NE(runtime().run({"exec", "--cwd", descriptor(number), "c1", "true"}).status, 0)
        << number;
  }
}

TEST_F(HostDescriptors, AreNoWayToAProgram) {
  start();
  // In the state directory, of which exec has a descriptor.
  const std::string program = directory() + "/root/c1/true";
  std::filesystem::copy_file(Runtime::built("system_call"), program);
  for (int number = 3; number < kHighest; ++number) {
    EXPECT_NE(runtime().run({"exec", "c1", descriptor(number) + "/true"}).status, 0) << number;
  }
  unlink(program.c_str());
}

TEST_F(HostDescriptors, AreClosedBeforeAnythingOfTheContainerRuns) {
  // Hooks are children of the container's process.
  bundle_->allow_all_capabilities();
  bundle_->config["hooks"]["startContainer"] = {
      {{"path", "/bin/sh"}, {"args", {"sh", "-c", "ls -l /proc/1/fd >&2; false"}}}};
  bundle_->save();
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}).status, 1);
  const std::string log = runtime().log();
  EXPECT_THAT(log, HasSubstr(" 1 -> pipe:"));
  for (const std::string& host : {std::string("/sys/fs/cgroup"), directory() + "/root"})
    EXPECT_THAT(log, Not(HasSubstr(host)));
}

TEST_F(HostDescriptors, AreNoPasswd) {
  bundle_->config["process"]["env"] = {"PATH=/bin"};
  bundle_->config["process"]["user"] = {{"uid", 1000}, {"gid", 1000}};
  write_file(directory() + "/passwd", "w:x:1000:1000::/of/the/host:/bin/sh\n");
  unlink((bundle_->rootfs() + "/etc/passwd").c_str());
  // The standard input that the caller passed on.
  std::filesystem::create_symlink(descriptor(0), bundle_->rootfs() + "/etc/passwd");
  bundle_->set_arguments({"env"});
  bundle_->save();
  RunOptions options;
  options.input = "w:x:1000:1000::/of/the/host:/bin/sh\n";
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle_->directory(), "c1"}, options).out,
            "PATH=/bin\nHOME=/\n");
}

}  // namespace
}  // namespace stasis::test
