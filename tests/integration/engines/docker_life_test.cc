// A container's life under docker: exec, logs, pause, stats, stop and what follows.
#include <gmock/gmock.h>

#include "integration/engines/dockerd.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

class DockerLife : public DockerTest {
 protected:
  static std::string status(const std::string& name) {
    return inspect(name, "{{.State.Status}} {{.State.ExitCode}}");
  }
  static Finished exec(const Words& flags, const Words& command, const std::string& input = "") {
    Words words{"exec"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.push_back("one");
    words.insert(words.end(), command.begin(), command.end());
    return docker().run(words, input);
  }
  static void start_counting() {
    start("one", {}, {"sh", "-c", counting_shell()});
    wait_for_tick_after("one", 0);
  }
};

TEST_F(DockerLife, Exec) {
  start_counting();
  EXPECT_EQ(exec({}, {"sh", "-c", "exit 42"}).status, 42);
  EXPECT_EQ(exec({"--interactive"}, {"cat"}, "data\n").out, "data\n");
  EXPECT_EQ(exec({"--user", "33", "--workdir", "/tmp", "--env", "A=b"},
                 {"sh", "-c", "id -u; pwd; echo $A"})
                .out,
            "33\n/tmp\nb\n");
  const std::string has_sys_admin =
      "echo $((0x$(sed -n 's/^CapEff:.//p' /proc/self/status) >> 21 & 1))";
  EXPECT_EQ(exec({}, {"sh", "-c", has_sys_admin}).out, "0\n");
  EXPECT_EQ(exec({"--privileged"}, {"sh", "-c", has_sys_admin}).out, "1\n");
  // The same limits and filters as the container's.
  EXPECT_EQ(exec({}, {"sed", "-n", "s/^Seccomp:.//p", "/proc/self/status"}).out, "2\n");
  EXPECT_EQ(exec({}, {"cat", "/proc/self/cgroup"}).out, exec({}, {"cat", "/proc/1/cgroup"}).out);
}

TEST_F(DockerLife, ExecSaysWhatCannotBeRun) {
  start_counting();
  const Finished missing = exec({}, {"no-such-program"});
  EXPECT_EQ(missing.status, 126);
  EXPECT_THAT(
      missing.out + missing.err,
      HasSubstr("OCI runtime exec failed: exec no-such-program: executable file not found"));
  EXPECT_EQ(exec({}, {"/etc/passwd"}).status, 126);
}

TEST_F(DockerLife, ExecOnATerminal) {
  start_counting();
  Console console;
  console.resize(20, 70);
  Program client = docker().start_on(console, {"exec", "--interactive", "--tty", "one", "sh"});
  // The client tells its size once the process runs.
  console.type("until [ \"$(stty size 2>&1)\" = '20 70' ]; do sleep 0.05; done\n");
  console.type("echo $(stty size) on $(tty)\n");
  console.expect("20 70 on /dev/pts/0");
  console.type("exit 6\n");
  EXPECT_EQ(client.wait(), 6);
}

TEST_F(DockerLife, PauseStopsTheCountAndUnpauseLetsItGoOn) {
  start_counting();
  docker().output({"pause", "one"});
  EXPECT_EQ(inspect("one", "{{.State.Status}}"), "paused");
  const std::string before = docker().output({"logs", "one"});
  docker().output({"stats", "--no-stream", "one"});  // takes longer than several ticks
  EXPECT_EQ(docker().output({"logs", "one"}), before);
  EXPECT_THAT(exec({}, {"true"}).err, HasSubstr("is paused"));
  docker().output({"unpause", "one"});
  const int last = tick(split_lines(before).back());
  EXPECT_GT(wait_for_tick_after("one", last), last);
}

TEST_F(DockerLife, StatsAndTop) {
  start_counting();
  EXPECT_THAT(
      docker().output({"stats", "--no-stream", "--format", "{{.PIDs}} {{.MemUsage}}", "one"}),
      MatchesRegex("[12] [0-9.]+[KM]iB / .*"));
  EXPECT_THAT(docker().output({"top", "one"}), AllOf(HasSubstr("CMD"), HasSubstr("echo tick")));
  EXPECT_THAT(docker().output({"top", "one", "-o", "pid,comm"}), HasSubstr("sh"));
}

TEST_F(DockerLife, UpdateChangesTheLimitsOfARunningContainer) {
  start("one", {"--memory", "64m", "--pids-limit", "40"}, {"sleep", "1000"});
  docker().output({"update", "--memory", "128m", "--memory-swap", "256m", "--cpus", "0.5", "one"});
  const auto in_cgroup = [](const std::string& file) {
    return exec({}, {"cat", "/sys/fs/cgroup/" + file}).out;
  };
  EXPECT_EQ(in_cgroup("memory/memory.limit_in_bytes"), "134217728\n");
  EXPECT_EQ(in_cgroup("cpu/cpu.cfs_quota_us"), "50000\n");
  EXPECT_EQ(in_cgroup("pids/pids.max"), "40\n");
}

TEST_F(DockerLife, CopyGoesBothWays) {
  start_counting();
  const std::string out = engine_directory() + "/copied";
  docker().output({"cp", "one:/etc/passwd", out});
  docker().output({"cp", out, "one:/tmp/back"});
  EXPECT_EQ(exec({}, {"cat", "/tmp/back"}).out, read_file(out));
}

TEST_F(DockerLife, StopGivesTimeAndThenKills) {
  start("one", {},
        {"sh", "-c", "trap 'echo bye; exit 5' TERM; echo on; while :; do sleep 0.1; done"});
  docker().wait_for_output({"logs", "one"}, "on");
  docker().output({"stop", "--time", "20", "one"});
  EXPECT_EQ(status("one"), "exited 5");
  EXPECT_EQ(docker().output({"logs", "one"}), "on\nbye");
  start("deaf", {}, {"sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"});
  docker().output({"stop", "--time", "0", "deaf"});
  EXPECT_EQ(status("deaf"), "exited 137");
}

TEST_F(DockerLife, KillSendsTheSignalThatWasAskedFor) {
  start("one", {}, {"sh", "-c", "trap 'echo usr1' USR1; echo on; while :; do sleep 0.1; done"});
  docker().wait_for_output({"logs", "one"}, "on");
  docker().output({"kill", "--signal", "USR1", "one"});
  docker().wait_for_output({"logs", "one"}, "on\nusr1");
  docker().output({"kill", "one"});
  docker().wait_for_output({"inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "one"},
                           "exited 137");
  EXPECT_THAT(docker().run({"kill", "one"}).err, HasSubstr("is not running"));
}

TEST_F(DockerLife, StartAndRestartRunItAgain) {
  start("one", {}, {"sh", "-c", "echo run; trap 'exit 0' TERM; while :; do sleep 0.1; done"});
  docker().wait_for_output({"logs", "one"}, "run");
  docker().output({"restart", "one"});
  docker().wait_for_output({"logs", "one"}, "run\nrun");
  docker().output({"stop", "one"});
  docker().output({"start", "one"});
  docker().wait_for_output({"logs", "one"}, "run\nrun\nrun");
}

TEST_F(DockerLife, ARestartPolicyRunsItAgain) {
  start("one", {"--restart", "on-failure:2"}, {"sh", "-c", "echo run; exit 1"});
  docker().wait_for_output(
      {"inspect", "--format", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}", "one"},
      "2 exited 1");
  EXPECT_EQ(docker().output({"logs", "one"}), "run\nrun\nrun");
}

TEST_F(DockerLife, HealthChecksAreExecutedInside) {
  start("one",
        {"--health-cmd", "test -e /healthy", "--health-interval", "100ms", "--health-retries", "1"},
        {"sleep", "1000"});
  const Words health{"inspect", "--format", "{{.State.Health.Status}}", "one"};
  docker().wait_for_output(health, "unhealthy");
  exec({}, {"touch", "/healthy"});
  docker().wait_for_output(health, "healthy");
}

TEST_F(DockerLife, ACreatedContainerCanBeRemoved) {
  docker().output({"create", "--runtime", "stasis", "--name", "one", kImage, "true"});
  EXPECT_EQ(status("one"), "created 0");
  docker().output({"rm", "one"});
}

}  // namespace
}  // namespace stasis::test
