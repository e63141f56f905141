// What the flags of create and run do, beyond starting a container.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/console.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

using CreateFlags = BusyboxTest;

// It fails with EPERM in this process and those that it starts.
void deny_system_call(unsigned number) {
  std::array<sock_filter, 4> program{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog filter{program.size(), program.data()};
  must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), "PR_SET_SECCOMP");
}

// Where pivot_root cannot be called: its number for this machine's own ABI.
TEST_F(CreateFlags, NoPivotMovesTheRootInstead) {
  bundle().set_arguments({"/bin/sh", "-c", "test -d /proc/1 && ! test -e " + directory()});
  bundle().save();
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    deny_system_call(SYS_pivot_root);
    const int usual = runtime().run({"run", "--bundle", bundle().directory(), "c1"}).status;
    const int moved =
        runtime().run({"run", "--no-pivot", "--bundle", bundle().directory(), "c2"}).status;
    _exit(usual == 1 && moved == 0 ? 0 : 1);
  }
  int status = -1;
  must(waitpid(child, &status, 0), "waitpid");
  EXPECT_EQ(status, 0) << runtime().log();
  EXPECT_THAT(runtime().log(), HasSubstr("pivot_root"));
}

// /proc/keys shows the keyrings of other containers too: names that nobody had before.
TEST_F(CreateFlags, NoNewKeyringKeepsTheCallers) {
  bundle().config["linux"]["maskedPaths"] = json::array();
  bundle().set_arguments({"/bin/grep", "keyring", "/proc/keys"});
  bundle().save();
  const auto keyrings_in = [&](const std::string& id, const std::vector<std::string>& flags) {
    std::vector<std::string> words{"run", "--bundle", bundle().directory()};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back(id);
    return expect_success(words).out;
  };
  const std::string own = "own" + std::to_string(getpid());
  EXPECT_THAT(keyrings_in(own, {}), HasSubstr("_ses." + own));
  const std::string shared = "shared" + std::to_string(getpid());
  EXPECT_THAT(keyrings_in(shared, {"--no-new-keyring"}), testing::Not(HasSubstr("_ses." + shared)));
}

TEST_F(CreateFlags, KeepLeavesTheStoppedContainer) {
  EXPECT_EQ(run("exit 3", {"--keep"}).status, 3);
  EXPECT_EQ(container_status("c1"), "stopped");
  delete_container("c1");
  EXPECT_EQ(run("exit 3").status, 3);
  expect_gone("c1");
}

TEST_F(CreateFlags, PidFileHasTheFirstProcess) {
  const std::string pid_file = directory() + "/tmp/pid";
  bundle().set_arguments({"/bin/sleep", "1000"});
  bundle().save();
  will_delete("c1");
  Pipes stdio;
  Program created =
      runtime().start({"create", "--pid-file", pid_file, "--bundle", bundle().directory(), "c1"},
                      stdio.take_other_ends());
  EXPECT_EQ(created.wait(), 0);
  EXPECT_EQ(read_file(pid_file), std::to_string(container_pid("c1")));
}

TEST_F(CreateFlags, RelativePathsAreTheCallersAlsoWithABundle) {
  bundle().set_arguments({"/bin/true"});
  bundle().save();
  will_delete("c1");
  const std::string caller = directory() + "/caller";
  std::filesystem::create_directory(caller);
  const std::string name = std::filesystem::relative(bundle().directory(), caller);
  RunOptions options;
  options.directory = caller;
  const Finished finished = run_program({Runtime::binary(), "--root", "root", "--log", "log", "run",
                                         "--keep", "--pid-file", "pid", "--bundle", name, "c1"},
                                        options);
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(std::filesystem::exists(caller + "/pid"));
  EXPECT_TRUE(std::filesystem::exists(caller + "/root/c1"));
  EXPECT_EQ(run_program({Runtime::binary(), "--root", caller + "/root", "delete", "c1"}).status, 0);
}

TEST_F(CreateFlags, ATerminalsPtsIsTheUsersAndItsSizeAsConfigured) {
  process()["terminal"] = true;
  process()["consoleSize"] = json::parse(R"({"height": 20, "width": 60})");
  process()["user"] = json::parse(R"({"uid": 1000, "gid": 1000})");
  bundle().set_arguments({"/bin/sh", "-c", "tty; stat -c '%u:%g %a' $(tty); stty size"});
  bundle().save();
  Console console(directory() + "/tmp/console");
  will_delete("c1");
  const Finished created =
      runtime().run({"run", "--detach", "--console-socket", directory() + "/tmp/console",
                     "--bundle", bundle().directory(), "c1"});
  EXPECT_EQ(created.status, 0) << created.err;
  console.accept();
  console.expect("/dev/pts/0\r\n1000:5 620\r\n20 60\r\n");
}

TEST_F(CreateFlags, ADetachedTerminalNeedsAConsoleSocket) {
  process()["terminal"] = true;
  EXPECT_THAT(refusal("true", {"--detach"}), HasSubstr("--console-socket"));
  bundle().save();
  EXPECT_EQ(runtime().run({"create", "--bundle", bundle().directory(), "c1"}).status, 1);
}

TEST_F(CreateFlags, AConsoleSocketNeedsATerminal) {
  process()["terminal"] = false;
  EXPECT_THAT(refusal("true", {"--detach", "--console-socket", directory() + "/nobody"}),
              HasSubstr("--console-socket"));
}

// A process of another user gets its descriptors chowned, as far as they are nobody else's.
TEST_F(CreateFlags, TheHostsNullDeviceKeepsItsOwner) {
  process()["user"] = json::parse(R"({"uid": 1000, "gid": 1000})");
  bundle().set_arguments({"/bin/sh", "-c", "stat -L -c %u:%g /proc/self/fd/0"});
  bundle().save();
  will_delete("c1");
  const Finished finished =
      run_program({"/bin/sh", "-c", "exec \"$@\" </dev/null", "sh", Runtime::binary(), "--root",
                   directory() + "/root", "run", "--bundle", bundle().directory(), "c1"});
  EXPECT_EQ(finished.out, "0:0\n") << finished.err;
  struct stat null {};
  ASSERT_EQ(stat("/dev/null", &null), 0);
  EXPECT_EQ(null.st_rdev, makedev(1, 3));
  EXPECT_EQ(null.st_uid, 0U);
  EXPECT_EQ(null.st_mode & 0777, 0666U);
}

}  // namespace
}  // namespace stasis::test
