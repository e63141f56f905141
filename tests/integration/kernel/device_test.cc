// Device nodes are opened under the device rules of the container's cgroup (v1).
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "restore/files.h"

namespace stasis::test {
namespace {

constexpr const char* kCgroup = "/sys/fs/cgroup/devices/box";
constexpr const char* kDevice = "/dev/kmsg";

class Devices : public testing::Test {
 protected:
  void SetUp() override {
    if (access("/sys/fs/cgroup/devices/devices.deny", W_OK) != 0) GTEST_SKIP() << "no v1 devices";
    if (access(kDevice, R_OK) != 0) GTEST_SKIP() << "no " << kDevice;
    std::filesystem::create_directory(kCgroup);
    write_file(fmt::format("{}/devices.deny", kCgroup), "a");
    write_file(fmt::format("{}/devices.allow", kCgroup), "c 1:3 rwm");
    init_ = must(fork(), "fork");
    if (init_ == 0) {
      while (true) pause();
    }
    write_file(fmt::format("{}/cgroup.procs", kCgroup), fmt::format("{}", init_));
    root_.reset(must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
    container_.open_files.resize(2);
    container_.open_files[0].detail =
        model::PathFile{.path = "/dev/null", .type = S_IFCHR, .device = makedev(1, 3)};
    container_.open_files[1].detail =
        model::PathFile{.path = kDevice, .type = S_IFCHR, .device = makedev(1, 11)};
  }
  void TearDown() override {
    if (init_ <= 0) return;
    kill(init_, SIGKILL);
    waitpid(init_, nullptr, 0);
  }
  Result<void> open_all() {
    restore::FileRestorer restorer(container_, {.root_fd = root_.get(), .init = HostPid{init_}});
    return restorer.open_all();
  }

  pid_t init_ = -1;
  UniqueFd root_;
  model::Container container_;
};

TEST_F(Devices, DeniedOnesAreNotOpened) {
  const auto opened = open_all();
  ASSERT_FALSE(opened);
  EXPECT_EQ(
      opened.error().message(),
      "restoring a descriptor in a queue: /dev/kmsg: opening a device: as the container: EPERM");
}

TEST_F(Devices, AllowedOnesAreOpened) {
  write_file(fmt::format("{}/devices.allow", kCgroup), "c 1:11 r");
  const auto opened = open_all();
  EXPECT_TRUE(opened) << opened.error().message();
}

}  // namespace
}  // namespace stasis::test
