// stasis as a user who is not root: what works, what is done without, what is refused.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/console.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

// Nobody that a machine has, so that /tmp/stasis-UID is free.
constexpr unsigned kUser = 54'321;

class Rootless : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    must(chown(directory().c_str(), kUser, kUser), "chown of the test's directory");
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    fs::remove(bundle_->directory() + "/config.json");
    for (const std::string& path :
         {bundle_->directory(), bundle_->rootfs(), bundle_->rootfs() + "/tmp"}) {
      must(chown(path.c_str(), kUser, kUser), "chown of " + path);
    }
    const Finished spec = run({"spec", "--rootless", "--bundle", bundle_->directory()});
    ASSERT_EQ(spec.status, 0) << spec.err;
    bundle_->config = json::parse(read_file(bundle_->directory() + "/config.json"));
    bundle_->config["process"]["terminal"] = false;
    bundle_->config["root"]["readonly"] = false;
  }
  void TearDown() override {
    run({"delete", "--force", "c1"});
    fs::remove_all(state_root());
    ContainerTest::TearDown();
  }
  std::string state_root() const { return directory() + "/state"; }

  // A command of the user, without --root.
  static Words as_user(const Words& arguments) {
    Words words{"setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", Runtime::binary()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  }
  Words with_root(Words arguments) const {
    arguments.insert(arguments.begin(), {"--root", state_root()});
    return as_user(arguments);
  }
  Finished run(const Words& arguments) const { return run_program(with_root(arguments)); }
  std::string output(const Words& arguments) const {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.status, 0) << finished.err;
    return finished.out;
  }
  Finished run_script(const std::string& script) {
    set_script(script);
    return run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  void set_script(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
  }
  void start(const std::string& script = "echo ready; read line") {
    set_script(script);
    const auto ends = stdio_.take_other_ends();
    Program program(with_root({"run", "--detach", "--bundle", bundle_->directory(), "c1"}), {},
                    ends);
    ASSERT_EQ(program.wait(), 0);
    ASSERT_EQ(stdio_.next_line(), "ready") << stdio_.all_err();
  }
  // `create`; standard streams are of `stdio`, which the container keeps.
  static int create(const Words& command, Pipes& stdio, const RunOptions& options = {}) {
    const auto ends = stdio.take_other_ends();
    return Program(command, options, ends).wait();
  }
  Words create_command() const { return {"create", "--bundle", bundle_->directory(), "c1"}; }
  json state() const { return json::parse(output({"state", "c1"})); }
  void expect_refused(const Words& arguments, const std::string& why) const {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.status, 1) << finished.out;
    EXPECT_THAT(finished.err, HasSubstr(why));
  }
  void expect_run_refused(const std::string& why, const Words& flags = {}) {
    set_script("true");
    Words words = flags;
    words.insert(words.end(), {"run", "--bundle", bundle_->directory(), "c1"});
    expect_refused(words, why);
    EXPECT_THAT(list_tree(state_root()), testing::IsEmpty());
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

TEST_F(Rootless, TheSpecificationIsForTheUser) {
  const json& linux_part = bundle_->config["linux"];
  const json mapping = {{{"containerID", 0}, {"hostID", kUser}, {"size", 1}}};
  EXPECT_EQ(linux_part["uidMappings"], mapping);
  EXPECT_EQ(linux_part["gidMappings"], mapping);
  EXPECT_FALSE(linux_part.contains("resources"));
  EXPECT_EQ(linux_part["namespaces"].dump(),
            R"([{"type":"pid"},{"type":"ipc"},{"type":"uts"},{"type":"mount"},{"type":"user"}])");
  const std::string mounts = bundle_->config["mounts"].dump();
  EXPECT_THAT(mounts, Not(HasSubstr("gid=5")));
  EXPECT_THAT(mounts, HasSubstr(R"("options":["rbind","nosuid","noexec","nodev","ro"],)"
                                R"("source":"/sys","type":"none"})"));
}

TEST_F(Rootless, TheUserIsRootInside) {
  const Finished ran = run_script(
      "id; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; hostname;"
      "touch /tmp/mine; echo x > /dev/null; test -d /sys/kernel && echo sys");
  EXPECT_THAT(ran.out, ContainsRegex("^uid=0\\(root\\) gid=0\\(root\\)\n"
                                     " +0 +54321 +1\n +0 +54321 +1\ndeny\nstasis\nsys\n$"))
      << ran.err;
  struct stat st {};
  ASSERT_EQ(stat((bundle_->rootfs() + "/tmp/mine").c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, kUser);
}

TEST_F(Rootless, ANetworkOfItsOwnHasALoopback) {
  auto& config = bundle_->config;
  config["linux"]["namespaces"].push_back({{"type", "network"}});
  for (json& mount : config["mounts"]) {
    if (mount["destination"] != "/sys") continue;
    mount["type"] = mount["source"] = "sysfs";
    mount["options"] = {"nosuid", "ro"};
  }
  EXPECT_EQ(run_script("ls /sys/class/net; cat /sys/class/net/lo/operstate").out, "lo\nunknown\n");
}

TEST_F(Rootless, LivesFromCreateToDelete) {
  set_script("echo started; read line");
  ASSERT_EQ(create(with_root(create_command()), stdio_), 0);
  EXPECT_EQ(state()["status"], "created");
  output({"start", "c1"});
  EXPECT_EQ(stdio_.next_line(), "started");
  EXPECT_EQ(state()["status"], "running");
  EXPECT_EQ(output({"list", "--quiet"}), "c1\n");
  EXPECT_EQ(
      output({"exec", "c1", "sh", "-c", "id -u; readlink /proc/self/ns/user"}),
      "0\n" +
          fs::read_symlink(fmt::format("/proc/{}/ns/user", state()["pid"].get<pid_t>())).string() +
          "\n");
  EXPECT_EQ(json::parse(output({"ps", "--format", "json", "c1"})), json{state()["pid"]});
  output({"kill", "c1", "KILL"});
  EXPECT_EQ(stdio_.next_line(), std::nullopt);
  output({"delete", "--force", "c1"});
  EXPECT_EQ(output({"list", "--quiet"}), "");
}

// Without a cgroup its processes are those of its pid namespace.
TEST_F(Rootless, AllProcessesAreFoundWithoutACgroup) {
  start("sleep 1000 & setsid sleep 1000 & echo ready; read line");
  EXPECT_EQ(json::parse(output({"ps", "--format", "json", "c1"})).size(), 3U);
  output({"kill", "--all", "c1", "KILL"});
  EXPECT_EQ(stdio_.next_line(), std::nullopt);
}

TEST_F(Rootless, ForcedDeletionEndsAll) {
  start("sleep 1000 & echo ready; read line");
  output({"delete", "--force", "c1"});
  EXPECT_EQ(stdio_.next_line(), std::nullopt);
  EXPECT_EQ(output({"list", "--quiet"}), "");
}

TEST_F(Rootless, TheTerminalIsTheUsers) {
  bundle_->config["process"]["terminal"] = true;
  set_script("stat -c %u /dev/console; tty");
  const std::string socket = directory() + "/console.sock";
  Console console(socket);
  ASSERT_EQ(chmod(socket.c_str(), 0777), 0);
  output({"run", "--detach", "--console-socket", socket, "--bundle", bundle_->directory(), "c1"});
  console.accept();
  console.expect("0\r\n/dev/pts/0\r\n");
}

TEST_F(Rootless, TheProgramIsASealedCopy) {
  set_script("true");
  ASSERT_EQ(create(with_root(create_command()), stdio_), 0);
  EXPECT_EQ(fs::read_symlink(fmt::format("/proc/{}/exe", state()["pid"].get<pid_t>())),
            "/memfd:stasis (deleted)");
}

TEST_F(Rootless, StateIsTheUsersOwn) {
  set_script("true");
  const RunOptions own{.environment = {"XDG_RUNTIME_DIR=" + directory()}};
  ASSERT_EQ(create(as_user(create_command()), stdio_, own), 0);
  EXPECT_TRUE(exists(directory() + "/stasis/c1/state.json"));
  EXPECT_EQ(run_program(as_user({"list", "--quiet"}), own).out, "c1\n");
  EXPECT_EQ(run_program(as_user({"delete", "--force", "c1"}), own).status, 0);
}

TEST_F(Rootless, WithoutARuntimeDirectoryStateIsInRunUserOrTmp) {
  set_script("true");
  const RunOptions plain{.environment = {"XDG_RUNTIME_DIR="}};
  const Words remove = as_user({"delete", "--force", "c1"});
  const std::string in_tmp = "/tmp/stasis-54321";
  EXPECT_EQ(create(as_user(create_command()), stdio_, plain), 0);
  EXPECT_TRUE(exists(in_tmp + "/c1/state.json"));
  EXPECT_EQ(run_program(remove, plain).status, 0);
  must(chown(in_tmp.c_str(), 0, 0), "chown");
  EXPECT_THAT(run_program(as_user(create_command()), plain).err,
              HasSubstr("'/tmp/stasis-54321' is not a directory that only this user writes to: set "
                        "XDG_RUNTIME_DIR, or give --root"));
  fs::remove_all(in_tmp);
  const std::string usual = "/run/user/54321";
  fs::create_directories(usual);
  must(chown(usual.c_str(), kUser, kUser), "chown");
  Pipes stdio;
  EXPECT_EQ(create(as_user(create_command()), stdio, plain), 0);
  EXPECT_TRUE(exists(usual + "/stasis/c1/state.json"));
  EXPECT_EQ(run_program(remove, plain).status, 0);
  fs::remove_all("/run/user");
}

TEST_F(Rootless, NeedsAUserNamespace) {
  auto& linux_part = bundle_->config["linux"];
  linux_part["namespaces"].erase(4);
  linux_part.erase("uidMappings");
  linux_part.erase("gidMappings");
  expect_run_refused(
      "linux.namespaces: without root's rights a container needs a 'user' namespace");
}

TEST_F(Rootless, CgroupsThatAreAskedForMustBeMade) {
  expect_run_refused("creating the cgroup: mkdir '/sys/fs/cgroup/", {"--rootless", "false"});
  bundle_->config["linux"]["cgroupsPath"] = "/c1";
  expect_run_refused("creating the cgroup: mkdir '/sys/fs/cgroup/", {"--rootless", "true"});
}

TEST_F(Rootless, LimitsNeedACgroup) {
  bundle_->config["linux"]["resources"]["pids"]["limit"] = 7;
  expect_run_refused(
      "linux.resources.pids.limit: needs the 'pids' cgroup controller, of which the container has "
      "no cgroup: without root's rights none can be made");
}

// Device rules come with every configuration that is not written for this, and protect nothing.
TEST_F(Rootless, DeviceRulesAreDoneWithout) {
  bundle_->config["linux"]["resources"]["devices"] = {{{"allow", false}, {"access", "rwm"}}};
  EXPECT_EQ(run_script("echo ran").out, "ran\n");
}

TEST_F(Rootless, ACgroupThatIsGivenAwayIsUsed) {
  const std::string gift = "/sys/fs/cgroup/pids/gift";
  fs::create_directories(gift);
  must(chown(gift.c_str(), kUser, kUser), "chown of the cgroup");
  bundle_->config["linux"]["resources"]["pids"]["limit"] = 7;
  set_script("echo ready; read line");
  Words words{"sh", "-c", "echo 0 > " + gift + R"(/cgroup.procs; exec "$@")", "sh"};
  const Words run_it = with_root({"run", "--detach", "--bundle", bundle_->directory(), "c1"});
  words.insert(words.end(), run_it.begin(), run_it.end());
  const auto ends = stdio_.take_other_ends();
  Program program(words, {}, ends);
  ASSERT_EQ(program.wait(), 0);
  EXPECT_EQ(stdio_.next_line(), "ready") << stdio_.all_err();
  EXPECT_EQ(read_file(gift + "/c1/pids.max"), "7\n");
  EXPECT_EQ(read_file(gift + "/c1/cgroup.procs"), fmt::format("{}\n", state()["pid"].get<pid_t>()));
  output({"delete", "--force", "c1"});
  EXPECT_FALSE(exists(gift + "/c1"));
  fs::remove(gift);
}

TEST_F(Rootless, PauseNeedsACgroup) {
  start();
  expect_refused({"pause", "c1"}, "the container has no cgroup to freeze");
  EXPECT_EQ(state()["status"], "running");
}

TEST_F(Rootless, CheckpointAndRestoreAreRefused) {
  start("echo ready; read line; echo $line");
  expect_refused({"checkpoint", "--image-path", directory() + "/image", "c1"},
                 "containers with a user namespace cannot be checkpointed");
  expect_refused(
      {"restore", "--image-path", directory() + "/image", "--bundle", bundle_->directory(), "c2"},
      "a restore needs root's rights: run it as root");
  stdio_.write("goes on\n");
  EXPECT_EQ(stdio_.next_line(), "goes on");
}

}  // namespace
}  // namespace stasis::test
