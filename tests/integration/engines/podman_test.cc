// podman with stasis as its runtime.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/engines/engine.h"
#include "integration/support/files.h"
#include "integration/support/runtime.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

constexpr const char* kImage = "localhost/busybox";

std::string in_directory(const std::string& name) { return engine_directory() + "/" + name; }

const Engine& start_podman() {
  static const Engine client = [] {
    write_file(in_directory("containers.conf"), "[engine]\nevents_logger = \"file\"\n");
    const std::string path = Runtime::built("../libexec/stasis") + ":" + std::getenv("PATH");
    Engine engine({"podman", "--root", in_directory("root"), "--runroot", in_directory("run"),
                   "--tmpdir", in_directory("tmp"), "--runtime", Runtime::binary(),
                   "--cgroup-manager", "cgroupfs", "--storage-driver", "vfs"},
                  {"PATH=" + path, "CONTAINERS_CONF=" + in_directory("containers.conf")});
    engine.output({"import", tree_as_tar("busybox"), kImage});
    return engine;
  }();
  return client;
}

class Podman : public testing::Test {
 protected:
  void TearDown() override {
    podman().run({"pod", "rm", "--all", "--force", "--time", "0"});
    podman().output({"rm", "--all", "--force", "--time", "0"});
  }
  static const Engine& podman() { return start_podman(); }
  static void start_counting(const std::string& name, Words flags = {}) {
    Words words{"run", "--detach", "--name", name, "--network", "none"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {kImage, "sh", "-c", counting_shell()});
    podman().output(words);
    wait_for_tick_after(name, 2);
  }
  static int last_tick(const std::string& name) {
    const auto lines = split_lines(podman().output({"logs", name}));
    return lines.empty() ? -1 : tick(lines.back());
  }
  static int wait_for_tick_after(const std::string& name, int after) {
    podman().wait_until({"logs", "--tail", "1", name},
                        [&](const std::string& line) { return tick(line) > after; });
    return last_tick(name);
  }
  static std::string status(const std::string& name) {
    return podman().output({"inspect", "--format", "{{.State.Status}}", name});
  }
};

TEST_F(Podman, RunsExecutesStopsAndRemoves) {
  EXPECT_EQ(podman().run({"run", "--rm", "--network", "none", kImage, "sh", "-c", "exit 3"}).status,
            3);
  EXPECT_EQ(podman().run({"run", "--rm", "--network", "none", kImage, "none-such"}).status, 127);
  start_counting("one");
  EXPECT_EQ(podman().output({"exec", "one", "sh", "-c", "echo $((6*7))"}), "42");
  EXPECT_EQ(podman().run({"exec", "one", "sh", "-c", "exit 9"}).status, 9);
  EXPECT_EQ(podman().run({"exec", "one", "none-such"}).status, 127);
  podman().output({"pause", "one"});
  EXPECT_EQ(status("one"), "paused");
  podman().output({"unpause", "one"});
  EXPECT_THAT(podman().output({"top", "one", "pid", "comm"}), HasSubstr("sh"));
  podman().output({"kill", "one"});
  podman().output({"wait", "one"});
  EXPECT_EQ(status("one"), "exited");
  podman().output({"rm", "one"});
}

TEST_F(Podman, TwoContainersOfAPodShareTheirNamespaces) {
  podman().output({"pod", "create", "--name", "pod", "--network", "none", "--infra-image", kImage,
                   "--infra-command", "/bin/sleep 1000"});
  podman().output({"run", "--detach", "--pod", "pod", "--name", "server", kImage, "sh", "-c",
                   "echo page >/index.html; exec httpd -f -p 127.0.0.1:80 -h /"});
  const std::string page =
      podman().wait_until({"run", "--rm", "--pod", "pod", kImage, "wget", "-q", "-O", "-",
                           "http://127.0.0.1/index.html"},
                          [](const std::string& text) { return !text.empty(); });
  EXPECT_EQ(page, "page");
}

TEST_F(Podman, ACountGoesOnAfterCheckpointAndRestore) {
  start_counting("one");
  podman().output({"container", "checkpoint", "one"});
  EXPECT_EQ(status("one"), "exited");
  const int saved = last_tick("one");
  podman().output({"container", "restore", "one"});
  EXPECT_EQ(status("one"), "running");
  EXPECT_GT(wait_for_tick_after("one", saved), saved);
  EXPECT_LT(tick(split_lines(podman().output({"logs", "one"}))[static_cast<std::size_t>(saved)]),
            saved + 2);
}

TEST_F(Podman, LeftRunningTheCountGoesOn) {
  start_counting("one");
  const std::string pid = podman().output({"inspect", "--format", "{{.State.Pid}}", "one"});
  podman().output({"container", "checkpoint", "--leave-running", "one"});
  EXPECT_EQ(podman().output({"inspect", "--format", "{{.State.Pid}}", "one"}), pid);
  const int now = last_tick("one");
  EXPECT_GT(wait_for_tick_after("one", now), now);
}

TEST_F(Podman, AnExportedCheckpointIsRestoredUnderAnotherName) {
  start_counting("one");
  const std::string file = in_directory("checkpoint.tar.gz");
  podman().output({"container", "checkpoint", "--export", file, "one"});
  const int saved = last_tick("one");
  EXPECT_GT(saved, 2);
  podman().output({"rm", "one"});
  podman().output({"container", "restore", "--import", file, "--name", "two"});
  podman().output({"container", "restore", "--import", file, "--name", "three"});
  EXPECT_GT(wait_for_tick_after("two", saved), saved);
  EXPECT_GT(wait_for_tick_after("three", saved), saved);
  // The first that each of them prints follows what was saved.
  EXPECT_LE(tick(split_lines(podman().output({"logs", "two"})).front()), saved + 1);
  EXPECT_LE(tick(split_lines(podman().output({"logs", "three"})).front()), saved + 1);
}

TEST_F(Podman, StatsAreThoseOfTheContainersCgroup) {
  start_counting("one", {"--memory", "64m"});
  EXPECT_THAT(podman().output(
                  {"stats", "--no-stream", "--format", "{{.PIDS}} {{.MemUsage}} {{.Name}}", "one"}),
              testing::MatchesRegex("[12] [0-9.]+[kM]B / 67.11MB one"));
}

TEST_F(Podman, APodTakesAnExportedCheckpointIn) {
  const auto create_pod = [](const std::string& name) {
    return podman().output({"pod", "create", "--name", name, "--network", "none", "--infra-image",
                            kImage, "--infra-command", "/bin/sleep 1000"});
  };
  create_pod("before");
  start_counting("one", {"--pod", "before"});
  const std::string file = in_directory("pod.tar.gz");
  podman().output({"container", "checkpoint", "--export", file, "one"});
  const int saved = last_tick("one");
  podman().output({"pod", "rm", "--force", "--time", "0", "before"});
  // podman 4.3 takes the id alone here.
  const std::string after = create_pod("after");
  podman().output({"container", "restore", "--import", file, "--pod", after});
  EXPECT_GT(wait_for_tick_after("one", saved), saved);
  EXPECT_EQ(podman().output({"exec", "one", "hostname"}), "after");
}

// podman wants figures of CRIU's, which nobody writes: it says so, when the checkpoint is done.
TEST_F(Podman, ThereAreNoStatisticsOfCheckpoints) {
  start_counting("one");
  const Finished checkpoint = podman().run({"container", "checkpoint", "--print-stats", "one"});
  EXPECT_EQ(checkpoint.status, 125);
  EXPECT_THAT(checkpoint.err, HasSubstr("displaying checkpointing statistics not possible"));
  EXPECT_EQ(status("one"), "exited");
  podman().output({"container", "restore", "one"});
  EXPECT_EQ(status("one"), "running");
}

}  // namespace
}  // namespace stasis::test
