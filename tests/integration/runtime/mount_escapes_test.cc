// What somebody who can write to the root file system could do while a container is made there:
// mounts, masks and writes to /proc must not go elsewhere. docs/SECURITY.md tells of each.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Exchanges two files, again and again, until it goes.
class Swapper {
 public:
  Swapper(const std::string& one, const std::string& other) {
    EXPECT_EQ(swap(one, other), 0) << strerror(errno);
    pid_ = fork();
    if (pid_ != 0) return;
    while (swap(one, other) == 0) {
    }
    _exit(1);
  }
  Swapper(const Swapper&) = delete;
  Swapper& operator=(const Swapper&) = delete;
  ~Swapper() {
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it could not go on exchanging them";
  }

 private:
  static int swap(const std::string& one, const std::string& other) {
    return renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
  }
  pid_t pid_ = -1;
};

class MountEscapes : public BusyboxTest {
 protected:
  static constexpr int kRounds = 12;

  // Between the mounts and the masks: what runs on the host, in the root file system.
  void act_after_mounts(const std::string& script) {
    bundle().config["hooks"]["createRuntime"] = {
        {{"path", "/bin/sh"}, {"args", {"sh", "-ec", "cd " + rootfs("") + "; " + script}}}};
  }
  // Not /proc, which the tree below the overlay has: that could not be renamed.
  void mount_proc_below_p() {
    std::filesystem::create_directories(rootfs("/p/proc"));
    add_mount("proc", "proc", "/p/proc", {});
  }
};

TEST_F(MountEscapes, NoDestinationLeavesTheRootWhileADirectoryBecomesASymlink) {
  const std::string outside = make_outside("outside");
  std::filesystem::create_directories(rootfs("/swap"));
  ASSERT_EQ(symlink(outside.c_str(), rootfs("/link").c_str()), 0);
  add_mount("bind", make_outside("bound"), "/swap/directory", {"bind"});
  add_mount("bind", make_outside("bound") + "/file", "/swap/some/file", {"bind"});
  add_mount("tmpfs", "tmpfs", "/swap/tmpfs", {});
  const Swapper swapper(rootfs("/swap"), rootfs("/link"));
  for (int i = 0; i < kRounds; ++i) run("true");
  EXPECT_THAT(list_tree(outside), ElementsAre("file"));
}

TEST_F(MountEscapes, NoDeviceLeavesTheRootWhileADirectoryBecomesASymlink) {
  const std::string outside = make_outside("outside");
  std::filesystem::create_directories(rootfs("/swap"));
  ASSERT_EQ(symlink(outside.c_str(), rootfs("/link").c_str()), 0);
  bundle().config["linux"]["devices"] = {
      {{"type", "c"}, {"path", "/swap/device"}, {"major", 1}, {"minor", 3}}};
  const Swapper swapper(rootfs("/swap"), rootfs("/link"));
  for (int i = 0; i < kRounds; ++i) run("true");
  EXPECT_THAT(list_tree(outside), ElementsAre("file"));
}

// The masks stay on the real /proc and are put on what has taken its place as well.
TEST_F(MountEscapes, MasksFollowAProcThatIsRenamed) {
  mount_proc_below_p();
  bundle().config["linux"]["maskedPaths"] = {"/p/proc/version", "/p/proc/fs"};
  bundle().config["linux"]["readonlyPaths"] = {"/p/proc/sys"};
  act_after_mounts("mv p old; mkdir -p p/proc/fs; echo fake > p/proc/version; touch p/proc/fs/x");
  EXPECT_EQ(output("cat /old/proc/version /p/proc/version; ls /old/proc/fs /p/proc/fs;"
                   "echo x 2>/dev/null > /old/proc/sys/kernel/hostname || echo read-only"),
            "/old/proc/fs:\n\n/p/proc/fs:\nread-only\n");
}

TEST_F(MountEscapes, AMaskIsNotPutAsideByASymlink) {
  std::filesystem::create_directories(rootfs("/srv"));
  write_file(rootfs("/srv/secret"), "secret");
  write_file(rootfs("/srv/other"), "other");
  bundle().config["linux"]["maskedPaths"] = {"/srv/link"};
  ASSERT_EQ(symlink("/srv/secret", rootfs("/srv/link").c_str()), 0);
  EXPECT_EQ(output("cat /srv/secret /srv/link /srv/other"), "other");
}

TEST_F(MountEscapes, OnlyTheNullDeviceCoversAMaskedFile) {
  write_file(rootfs("/secret"), "secret");
  bundle().config["linux"]["maskedPaths"] = {"/secret"};
  write_file(directory() + "/file", "of the host's");
  ASSERT_EQ(mount((directory() + "/file").c_str(), "/dev/null", nullptr, MS_BIND, nullptr), 0);
  EXPECT_THAT(refusal(),
              HasSubstr("linux.maskedPaths: /secret: '/dev/null' is not the null device"));
  ASSERT_EQ(umount("/dev/null"), 0);
  ASSERT_EQ(mount("/dev/zero", "/dev/null", nullptr, MS_BIND, nullptr), 0);
  EXPECT_THAT(refusal(), HasSubstr("'/dev/null' is not the null device: make it one again"));
  ASSERT_EQ(umount("/dev/null"), 0);
}

// What the runtime writes to /proc for a process, it writes to the host's.
TEST_F(MountEscapes, NothingIsWrittenToAFakeProc) {
  bundle().config["mounts"] = nlohmann::json::array();  // and the image has its own /proc
  for (const char* place : {"sys/kernel", "self/fd", "self/attr", "1", "thread-self/attr"}) {
    std::filesystem::create_directories(rootfs("/proc/") + place);
  }
  const std::vector<std::string> files{"sys/kernel/shmmni", "self/oom_score_adj", "1/oom_score_adj",
                                       "self/attr/exec", "thread-self/attr/exec"};
  for (const auto& file : files) write_file(rootfs("/proc/") + file, "untouched");
  bundle().config["linux"]["sysctl"] = {{"kernel.shmmni", "77"}};
  process()["oomScoreAdj"] = 345;
  start_sleeper();
  EXPECT_EQ(exec({}, {"/bin/true"}).status, 0);
  const std::string real = "/proc/" + std::to_string(container_pid("c1"));
  EXPECT_EQ(read_file(real + "/oom_score_adj"), "345\n");
  for (const auto& file : files) EXPECT_EQ(read_file(rootfs("/proc/") + file), "untouched");
}

}  // namespace
}  // namespace stasis::test
