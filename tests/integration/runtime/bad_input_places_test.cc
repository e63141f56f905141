// What lies around a container and cannot be used: state directories, files, sockets, cgroups.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "integration/runtime/bad_input.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

class BadPlace : public BadInput {
 protected:
  void SetUp() override {
    BadInput::SetUp();
    bundle().config["linux"]["cgroupsPath"] = "/box";
    bundle().set_arguments({"/bin/sleep", "1000"});
    bundle().save();
  }
  // `--root ROOT WORDS`, with standard error in `err`.
  Finished run_in(const std::string& root, Words words) const {
    words.insert(words.begin(), {Runtime::binary(), "--root", root});
    return run_program(words);
  }
  // The same as an ordinary user, whom the program's file does not stop.
  Finished run_as_nobody(const std::string& root, Words words) const {
    words.insert(words.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                 Runtime::binary(), "--root", root});
    return run_program(words);
  }
  static void expect_failure(const Finished& finished, int status, const std::string& why) {
    EXPECT_EQ(finished.status, status) << finished.err;
    EXPECT_EQ(finished.out, "");
    EXPECT_THAT(finished.err, testing::HasSubstr(why));
    EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
  }
};

TEST_F(BadPlace, MissingRoot) {
  expect_failure(run_in("/none", {"list"}), 1, "/none");
  expect_failure(run_in("/none", {"state", "c1"}), 1, "container 'c1' does not exist");
  const Finished by_default = run_program({Runtime::binary(), "list", "--quiet"});
  EXPECT_EQ(by_default.status, 0) << by_default.err;
  EXPECT_EQ(by_default.out, "");
}

TEST_F(BadPlace, ReadOnlyRoot) {
  const std::string root = directory() + "/tmp/root";
  std::filesystem::create_directory(root);
  must(mount("tmpfs", root.c_str(), "tmpfs", MS_RDONLY, ""), "mounting a tmpfs");
  for (const char* command : {"create", "run"}) {
    expect_failure(run_in(root, {command, "--bundle", bundle().directory(), "c1"}), 1, "EROFS");
  }
  EXPECT_EQ(run_in(root, {"list", "--quiet"}).status, 0);
  must(umount(root.c_str()), "unmounting it");
}

TEST_F(BadPlace, RootThatIsAFile) {
  const std::string root = directory() + "/tmp/root";
  write_file(root, "");
  expect_failure(run_in(root, {"list"}), 1, root);
  expect_failure(run_in(root, {"state", "c1"}), 1, root);
  expect_failure(run_in(root, {"create", "--bundle", bundle().directory(), "c1"}), 1, root);
}

TEST_F(BadPlace, WithoutPermission) {
  start_sleeper();
  const std::string root = directory() + "/root";
  for (const Words& words :
       {Words{"state", "c1"}, Words{"delete", "c1"}, Words{"kill", "c1"}, Words{"pause", "c1"},
        Words{"ps", "c1"}, Words{"list"}, Words{"events", "c1"}, Words{"start", "c1"}}) {
    expect_failure(run_as_nobody(root, words), 1, "EACCES");
  }
  expect_failure(run_as_nobody(root, {"exec", "c1", "true"}), 255, "EACCES");
  must(chmod(bundle().directory().c_str(), 0700), "chmod");
  for (const char* command : {"create", "run"}) {
    expect_failure(run_as_nobody(root, {command, "--bundle", bundle().directory(), "c2"}), 1,
                   bundle().directory());
  }
  EXPECT_EQ(container_status("c1"), "running");
}

TEST_F(BadPlace, UnwritablePidFile) {
  expect_refused(of_making("--pid-file: ", {"--pid-file", "/none/pid"}));
  expect_refused(of_making("--pid-file: ", {"--pid-file", "/proc/pid"}));
}

TEST_F(BadPlace, UnreachableConsoleSocket) {
  bundle().config["process"]["terminal"] = true;
  bundle().save();
  const std::string file = directory() + "/tmp/file";
  write_file(file, "");
  expect_refused(of_making("'/none/socket'", {"--console-socket", "/none/socket"}));
  expect_refused(of_making("'" + file + "'", {"--console-socket", file}));
  expect_refused(of_making("without --console-socket"));
  bundle().config["process"]["terminal"] = false;
  bundle().save();
  expect_refused(of_making("--console-socket is of use only", {"--console-socket", file}));
}

TEST_F(BadPlace, BusyCgroup) {
  std::filesystem::create_directory("/sys/fs/cgroup/pids/box");
  {
    Pipes stdio;
    const Program sleeper({"sleep", "1000"}, {}, stdio.take_other_ends());
    write_file("/sys/fs/cgroup/pids/box/cgroup.procs", std::to_string(sleeper.pid()));
    expect_refused(of_making("cgroup '/sys/fs/cgroup/pids/box' is not empty: it holds process " +
                             std::to_string(sleeper.pid())));
  }
  EXPECT_TRUE(exists("/sys/fs/cgroup/pids/box")) << "it was there before";
  EXPECT_FALSE(exists("/sys/fs/cgroup/memory/box"));
  must(rmdir("/sys/fs/cgroup/pids/box"), "removing it");
}

TEST_F(BadPlace, FrozenCgroup) {
  for (const auto& [hierarchy, file, on, off] :
       {std::tuple("freezer", "freezer.state", "FROZEN", "THAWED"),
        std::tuple("unified", "cgroup.freeze", "1", "0")}) {
    const std::string box = std::string("/sys/fs/cgroup/") + hierarchy + "/box";
    std::filesystem::create_directory(box);
    write_file(box + "/" + file, on);
    expect_refused(of_making("the container's cgroup is frozen"));
    write_file(box + "/" + file, off);
    must(rmdir(box.c_str()), "removing the cgroup");
  }
}

}  // namespace
}  // namespace stasis::test
