// What an image can have at /dev, where the terminal of its process goes: the pty must cover the
// container's console and nothing else, and no file outside of the root is opened or made.
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ConsoleProtection : public BusyboxTest {
 protected:
  // Nothing is mounted at /dev but the devpts: the rest is the image's.
  void SetUp() override {
    BusyboxTest::SetUp();
    process()["terminal"] = true;
    bundle().config["mounts"] = nlohmann::json::array();
    add_mount("proc", "proc", "/proc", {});
    add_mount("devpts", "devpts", "/dev/pts", {"newinstance", "ptmxmode=0666", "mode=0620"});
    std::filesystem::remove_all(rootfs("/dev"));
    std::filesystem::create_directories(rootfs("/dev/pts"));
  }
  void link(const std::string& target, const std::string& path) {
    ASSERT_EQ(symlink(target.c_str(), rootfs(path).c_str()), 0) << path;
  }
  static constexpr const char* kRefused =
      "the root file system has a symlink at /dev/console, where the terminal goes: remove it "
      "there, or mount a tmpfs at /dev";
};

TEST_F(ConsoleProtection, TheTerminalIsOnAFileOfTheImage) {
  write_file(rootfs("/dev/console"), "of the image's");
  EXPECT_EQ(output("[ -c /dev/console ] && stat -c %t:%T /dev/console $(tty)"), "88:0\r\n88:0\r\n");
  EXPECT_EQ(read_file(rootfs("/dev/console")), "of the image's");
}

TEST_F(ConsoleProtection, ASymlinkIsRefused) {
  const std::string outside = make_outside("outside");
  write_file(rootfs("/secret"), "secret");
  for (const std::string& target : {std::string("/secret"), std::string("/proc/sysrq-trigger"),
                                    std::string("/missing"), std::string("/proc/self/fd/0"),
                                    outside + "/missing", "../../../../.." + outside + "/file"}) {
    link(target, "/dev/console");
    EXPECT_THAT(refusal(), HasSubstr(kRefused)) << target;
    std::filesystem::remove(rootfs("/dev/console"));
  }
  EXPECT_THAT(list_tree(outside), ElementsAre("file"));
  EXPECT_FALSE(exists(rootfs("/missing")));
}

// A tmpfs at /dev has none of the image's links.
TEST_F(ConsoleProtection, ATmpfsCoversTheImagesDev) {
  link("/secret", "/dev/console");
  const auto below_dev = bundle().config["mounts"];
  bundle().config["mounts"] = nlohmann::json::array();
  add_mount("tmpfs", "tmpfs", "/dev", {});
  for (const auto& mount : below_dev) bundle().config["mounts"].push_back(mount);
  EXPECT_EQ(output("[ -c /dev/console ] && tty"), "/dev/pts/0\r\n");
  EXPECT_FALSE(exists(rootfs("/secret")));
}

TEST_F(ConsoleProtection, OnlyAFileOrADeviceIsCovered) {
  std::filesystem::create_directory(rootfs("/dev/console"));
  EXPECT_THAT(refusal(), HasSubstr("the root file system has neither a file nor a device at "
                                   "/dev/console"));
  std::filesystem::remove(rootfs("/dev/console"));
  ASSERT_EQ(mkfifo(rootfs("/dev/console").c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("neither a file nor a device"));
}

TEST_F(ConsoleProtection, ADevThatIsASymlinkStaysInTheRoot) {
  const std::string outside = make_outside("outside");
  std::filesystem::remove_all(rootfs("/dev"));
  link(outside, "/dev");
  EXPECT_EQ(output("[ -c /dev/console ] && tty"), outside + "/pts/0\r\n");
  EXPECT_THAT(list_tree(outside), ElementsAre("file"));
  EXPECT_TRUE(exists(rootfs(outside) + "/console"));
}

// Opening a device can be to use it: what is no multiplexer is not even opened.
TEST_F(ConsoleProtection, OnlyADevptsHasTheMultiplexer) {
  bundle().config["mounts"].erase(1);
  for (const char* path : {"/dev/pts/ptmx", "/dev/ptmx"}) {
    ASSERT_EQ(mkfifo(rootfs(path).c_str(), 0600), 0);
  }
  const UniqueFd watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(inotify_add_watch(watch.get(), rootfs("/dev/pts/ptmx").c_str(), IN_OPEN), 0);
  ASSERT_GE(inotify_add_watch(watch.get(), rootfs("/dev/ptmx").c_str(), IN_OPEN), 0);
  EXPECT_THAT(refusal(), HasSubstr("no pty multiplexer at /dev/pts/ptmx: mount a devpts"));
  inotify_event event{};
  EXPECT_EQ(read(watch.get(), &event, sizeof(event)), -1) << "something was opened";
}

// Who is in the container can mount over its multiplexer: an exec does not open that.
TEST_F(ConsoleProtection, WhatCoversTheMultiplexerIsNotOpenedByExec) {
  process()["terminal"] = false;
  bundle().allow_all_capabilities();
  start_sleeper();
  exec_output({}, "mkfifo /pipe; mount --bind /pipe /dev/pts/ptmx");
  const UniqueFd watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(inotify_add_watch(watch.get(), rootfs("/pipe").c_str(), IN_OPEN), 0);
  const Finished refused = exec({"--tty"}, {"/bin/true"});
  EXPECT_EQ(refused.status, 255);
  EXPECT_THAT(refused.err, HasSubstr("/dev/pts: open 'ptmx' of the file system itself: EXDEV"));
  inotify_event event{};
  EXPECT_EQ(read(watch.get(), &event, sizeof(event)), -1) << "something was opened";
}

// Nodes of the host's devices, in a user namespace.
TEST_F(ConsoleProtection, ABoundDeviceCoversNothingThroughASymlink) {
  process()["terminal"] = false;
  use_user_namespace();
  write_file(rootfs("/secret"), "secret");
  link("/secret", "/dev/null");
  EXPECT_THAT(refusal(), HasSubstr("device '/dev/null': open '/dev/null': ELOOP"));
}

}  // namespace
}  // namespace stasis::test
