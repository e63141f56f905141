// Hooks by their effect: where they run, what they are told, in which order, and what their failure
// means. Each leaves what it saw in files of a directory that the container has too.
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array kKinds = {"prestart",       "createRuntime", "createContainer",
                               "startContainer", "poststart",     "poststop"};

class Hooks : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    std::filesystem::create_directories(seen());
    std::filesystem::permissions(seen(), std::filesystem::perms::all);
    bundle_->bind_mount(seen(), seen());
  }
  std::string seen() const { return directory() + "/seen"; }
  std::string saw(const std::string& name) const { return read_file(seen() + "/" + name); }
  // A shell script in that directory, with $KIND.
  void add(const std::string& kind, const std::string& script, const json& more = json::object()) {
    json hook = {{"path", "/bin/sh"},
                 {"args", {"sh", "-c", "HERE=$(pwd); cd " + seen() + "; " + script}},
                 {"env", {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "KIND=" + kind}}};
    hook.update(more);
    bundle_->config["hooks"][kind].push_back(hook);
  }
  void add_to_all(const std::string& script) {
    for (const char* kind : kKinds) add(kind, script);
  }
  Finished run(const std::vector<std::string>& arguments = {"/bin/true"}) {
    bundle_->set_arguments(arguments);
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  void create(const std::vector<std::string>& arguments) {
    bundle_->set_arguments(arguments);
    bundle_->save();
    will_delete("c1");
    // Its output is the container's.
    EXPECT_EQ(
        runtime()
            .start({"create", "--bundle", bundle_->directory(), "c1"}, stdio_.take_other_ends())
            .wait(),
        0);
  }
  std::unique_ptr<Bundle> bundle_;

 private:
  Pipes stdio_;
};

TEST_F(Hooks, RunInOrder) {
  add_to_all("echo $KIND 0 >> order");
  add("createRuntime", "echo $KIND 1 >> order");
  EXPECT_EQ(run({"/bin/sh", "-c", "echo program >> " + seen() + "/order"}).status, 0)
      << runtime().log();
  const auto order = split_lines(saw("order"));
  // The program and the poststart hooks run side by side.
  std::vector<std::string> sure;
  for (const std::string& line : order) {
    if (line != "program") sure.push_back(line);
  }
  EXPECT_THAT(sure,
              ElementsAre("prestart 0", "createRuntime 0", "createRuntime 1", "createContainer 0",
                          "startContainer 0", "poststart 0", "poststop 0"));
  const auto at = [&](const char* line) { return std::ranges::find(order, line); };
  EXPECT_LT(at("startContainer 0"), at("program"));
  EXPECT_LT(at("program"), at("poststop 0"));
}

TEST_F(Hooks, GetTheStateThatFitsTheirPlace) {
  bundle_->config["annotations"] = {{"org.example.key", "a value"}};
  add_to_all("cat > $KIND");
  create({"/bin/sleep", "1000"});
  const pid_t pid = container_pid("c1");
  expect_success({"start", "c1"});
  expect_success({"delete", "--force", "c1"});
  struct Case {
    const char *kind, *status;
    pid_t pid;
  };
  // Those that run in the container know the process by its number there.
  for (const auto& [kind, status, number] :
       {Case{"prestart", "creating", pid}, Case{"createRuntime", "creating", pid},
        Case{"createContainer", "creating", 1}, Case{"startContainer", "created", 1},
        Case{"poststart", "running", pid}, Case{"poststop", "stopped", 0}}) {
    const json state = json::parse(saw(kind));
    EXPECT_EQ(state["id"], "c1") << kind;
    EXPECT_EQ(state["status"], status) << kind;
    EXPECT_EQ(state["pid"], number) << kind;
    EXPECT_EQ(state["bundle"], bundle_->directory()) << kind;
    EXPECT_EQ(state["annotations"], bundle_->config["annotations"]) << kind;
    EXPECT_EQ(state["ociVersion"], bundle_->config["ociVersion"]) << kind;
  }
}

TEST_F(Hooks, RunInTheirNamespacesAndDirectories) {
  bundle_->config["process"]["cwd"] = "/tmp";
  add_to_all(
      "{ for one in mnt net pid uts; do readlink /proc/self/ns/$one; done; } > $KIND.namespaces; "
      "echo $HERE > $KIND.directory");
  const std::string show = "for one in mnt net pid uts; do readlink /proc/self/ns/$one; done";
  const Finished finished = run({"/bin/sh", "-c", show});
  EXPECT_EQ(finished.status, 0) << runtime().log();
  const std::string outside = run_program({"/bin/sh", "-c", show}).out;
  for (const char* kind : kKinds) {
    const bool inside =
        kind == std::string_view("createContainer") || kind == std::string_view("startContainer");
    EXPECT_EQ(saw(std::string(kind) + ".namespaces"), inside ? finished.out : outside) << kind;
  }
  for (const char* kind : {"prestart", "createRuntime", "createContainer", "poststart"})
    EXPECT_EQ(saw(std::string(kind) + ".directory"), bundle_->directory() + "\n") << kind;
  EXPECT_EQ(saw("startContainer.directory"), "/tmp\n");
}

TEST_F(Hooks, OfCreateContainerSeeTheMountsAndTheOldRoot) {
  bundle_->mount_tmpfs("/made");
  // What it mounts is the container's.
  add("createContainer",
      "echo from the hook > " + bundle_->rootfs() + "/made/file; test -d " + bundle_->directory());
  const Finished finished = run({"/bin/cat", "/made/file"});
  EXPECT_EQ(finished.out, "from the hook\n") << runtime().log();
  EXPECT_FALSE(exists(bundle_->rootfs() + "/made/file"));
}

TEST_F(Hooks, OfStartContainerAreWhatTheProgramIs) {
  bundle_->config["process"]["user"] = {{"uid", 1000}, {"gid", 1001}, {"umask", 0077}};
  bundle_->config["linux"]["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", {{{"names", {"clone3", "mkdir"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
  const std::string show =
      "umask; grep -E '^(Uid|Gid|Cap|NoNewPrivs|Seccomp)' /proc/self/status; mkdir no 2>&1";
  add("startContainer", "{ " + show + "; } > hook; true");
  EXPECT_EQ(run({"/bin/sh", "-c", "{ " + show + "; } > " + seen() + "/program"}).status, 1);
  EXPECT_THAT(saw("hook"), HasSubstr("Uid:\t1000"));
  EXPECT_THAT(saw("hook"), HasSubstr("Operation not permitted"));
  EXPECT_EQ(saw("hook"), saw("program"));
}

TEST_F(Hooks, OfCreateContainerNeedNoRightToTheBundle) {
  // That of root in the container's user namespace: none to a directory of the host's root.
  constexpr unsigned kFirst = 100'000;
  for (const char* mappings : {"uidMappings", "gidMappings"}) {
    bundle_->config["linux"][mappings] = {
        {{"containerID", 0}, {"hostID", kFirst}, {"size", 65536}}};
  }
  bundle_->config["linux"]["namespaces"].push_back({{"type", "user"}});
  const std::string root = directory() + "/open_root";
  std::filesystem::create_directories(root);
  std::filesystem::copy(Runtime::built("system_call"), root + "/system_call");
  ASSERT_EQ(chown(root.c_str(), kFirst, kFirst), 0);
  bundle_->config["root"]["path"] = root;
  bundle_->config["mounts"] = json::array();
  add("createContainer", "id -u > user; echo $HERE > directory");
  std::filesystem::permissions(bundle_->directory(), std::filesystem::perms::owner_all);
  EXPECT_EQ(run({"/system_call"}).status, 0) << runtime().log();
  EXPECT_EQ(saw("user"), "0\n");
  EXPECT_EQ(saw("directory"), "/\n");
}

TEST_F(Hooks, GetTheirArgumentsAndEnvironmentAsGiven) {
  bundle_->config["hooks"]["createRuntime"] = {
      {{"path", "/bin/sh"},
       {"args",
        {"my name", "-c",
         "cat /proc/$$/cmdline > " + seen() + "/arguments; cat /proc/$$/environ > " + seen() +
             "/environment"}},
       {"env", {"PATH=/bin:/usr/bin", "B=two words", "A="}}}};
  EXPECT_EQ(run().status, 0) << runtime().log();
  EXPECT_THAT(saw("arguments"), testing::StartsWith(std::string("my name\0-c\0", 11)));
  EXPECT_EQ(saw("environment"), std::string("PATH=/bin:/usr/bin\0B=two words\0A=\0", 34));
}

TEST_F(Hooks, ThatDoNotReadALargeStateStillEndInTime) {
  // More than a pipe holds, and more than fits one message to the container's process.
  bundle_->config["annotations"] = {{"large", std::string(200'000, 'x')}};
  add("createRuntime", "exit 0");
  add("createContainer", "wc -c > size");
  EXPECT_EQ(run().status, 0) << runtime().log();
  EXPECT_GT(std::stoi(saw("size")), 200'000);
  add("createRuntime", "exec yes", {{"timeout", 1}});
  EXPECT_EQ(run().status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("error running createRuntime hook #1: hook ran past specified timeout of "
                        "1.0s"));
  expect_gone("c1");
}

TEST_F(Hooks, MayLeaveProcessesThatHoldTheirOutput) {
  add("createRuntime", "yes & echo $! > pid");
  EXPECT_EQ(run().status, 0) << runtime().log();
  kill(std::stoi(saw("pid")), SIGKILL);
}

TEST_F(Hooks, FailWithTheirKindNumberAndOutput) {
  for (const std::string kind :
       {"prestart", "createRuntime", "createContainer", "startContainer", "poststart"}) {
    bundle_->config["hooks"] = json::object();
    add(kind, "true");
    add(kind, "echo said; echo complained >&2; exit 3");
    add(kind, "touch not_reached");
    add("poststop", "cat > stopped");
    EXPECT_EQ(run({"/bin/sleep", "1000"}).status, 1);
    EXPECT_THAT(runtime().log(),
                HasSubstr("error running " + kind +
                          " hook #1: exit status 3, stdout: said, stderr: complained"));
    EXPECT_FALSE(exists(seen() + "/not_reached")) << kind;
    // What earlier hooks made is taken back.
    EXPECT_EQ(json::parse(saw("stopped"))["status"], "stopped") << kind;
    unlink((seen() + "/stopped").c_str());
    expect_gone("c1");
  }
}

TEST_F(Hooks, ThatCannotRunAreNamed) {
  bundle_->config["hooks"]["createRuntime"] = {{{"path", "/no/such/hook"}}};
  EXPECT_EQ(run().status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("error running createRuntime hook #0: exit status 127, "
                                         "stdout: , stderr: execve '/no/such/hook': ENOENT"));
  bundle_->config["hooks"]["createRuntime"] = json::array();
  add("createRuntime", "kill -KILL $$");
  EXPECT_EQ(run().status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("createRuntime hook #0: signal 9, stdout: , stderr: "));
}

TEST_F(Hooks, RunForARestoreAsItMakesTheContainerAgain) {
  add_to_all("echo $KIND >> order");
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio, restored;
  start_container("c1", *bundle_, stdio);
  checkpoint_container("c1", directory() + "/image");
  EXPECT_EQ(split_lines(saw("order")).back(), "poststop");
  unlink((seen() + "/order").c_str());
  restore_container("c1", *bundle_, directory() + "/image", restored);
  EXPECT_EQ(saw("order"), "prestart\ncreateRuntime\ncreateContainer\n");
  expect_success({"delete", "--force", "c1"});
  unlink((seen() + "/order").c_str());
  add("createContainer", "exit 1");
  bundle_->save();
  EXPECT_EQ(runtime()
                .run({"restore", "--image-path", directory() + "/image", "--bundle",
                      bundle_->directory(), "c1"})
                .status,
            1);
  EXPECT_EQ(saw("order"), "prestart\ncreateRuntime\ncreateContainer\npoststop\n");
}

TEST_F(Hooks, OfPoststopDoNotRunBeforeOthersHad) {
  add("poststop", "touch stopped");
  bundle_->config["linux"]["resources"] = {{"unified", {{"no.such.file", "1"}}}};
  EXPECT_EQ(run().status, 1);
  EXPECT_FALSE(exists(seen() + "/stopped"));
}

TEST_F(Hooks, OfPoststopOnlyWarn) {
  add("poststop", "exit 1");
  add("poststop", "touch second");
  EXPECT_EQ(run().status, 0);
  EXPECT_TRUE(exists(seen() + "/second"));
  EXPECT_THAT(runtime().log(), HasSubstr("level=warning"));
  EXPECT_THAT(runtime().log(), HasSubstr("ignored: error running poststop hook #0: exit status 1"));
}

TEST_F(Hooks, OfPoststartStopTheContainer) {
  add("poststart", "exit 1");
  create({"/bin/sleep", "1000"});
  EXPECT_EQ(runtime().run({"start", "c1"}).status, 1);
  EXPECT_EQ(container_status("c1"), "stopped");
}

}  // namespace
}  // namespace stasis::test
