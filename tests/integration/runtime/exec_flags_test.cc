// What the flags of exec do to the process that is started.
#include <unistd.h>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/console.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ExecFlags : public BusyboxTest {
 protected:
  void SetUp() override {
    BusyboxTest::SetUp();
    process()["env"] = {"PATH=/bin", "A=container", "B=container"};
    process()["capabilities"] = json::parse(R"({"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"],
        "effective": ["CAP_KILL"]})");
    process()["noNewPrivileges"] = false;
    process()["user"] = json::parse(R"({"uid": 0, "gid": 0, "additionalGids": [5]})");
    start_sleeper();
  }
  // One line of the process's /proc/self/status.
  std::string status_line(const std::vector<std::string>& flags, const std::string& name) {
    return exec_output(flags, "grep " + name + ": /proc/self/status | cut -f2");
  }
  std::string failure(const std::vector<std::string>& flags,
                      const std::vector<std::string>& command = {"true"}) {
    const Finished finished = exec(flags, command);
    EXPECT_EQ(finished.status, 255);
    return finished.err;
  }
};

TEST_F(ExecFlags, EnvIsAddedToTheContainersAndTheLastOneCounts) {
  EXPECT_EQ(exec_output({"--env", "B=1", "-e", "C=x y", "--env", "B=2"}, "echo $A $B $C"),
            "container 2 x y\n");
}

TEST_F(ExecFlags, TwoDashesEndThem) {
  EXPECT_EQ(expect_success({"exec", "--", "c1", "/bin/echo", "-n", "--", "one"}).out, "-- one");
  EXPECT_THAT(runtime().run({"exec", "--", "--cwd", "/", "c1", "/bin/true"}).err,
              HasSubstr("Incorrect Usage"));
}

TEST_F(ExecFlags, CwdIsTheDirectory) {
  EXPECT_EQ(exec_output({}, "pwd"), "/\n");
  EXPECT_EQ(exec_output({"--cwd", "/proc/1"}, "pwd"), "/proc/1\n");
  EXPECT_THAT(failure({"--cwd", "/nowhere"}), HasSubstr("/nowhere"));
  EXPECT_THAT(failure({"--cwd", "relative"}), HasSubstr("relative"));
}

TEST_F(ExecFlags, UserIsItsIds) {
  EXPECT_EQ(exec_output({"--user", "1000:1001"}, "id -u; id -g"), "1000\n1001\n");
  EXPECT_EQ(exec_output({"-u", "1000"}, "id -u; id -g"), "1000\n0\n");
  EXPECT_THAT(failure({"--user", "somebody"}), HasSubstr("--user: expected UID[:GID]"));
}

TEST_F(ExecFlags, AdditionalGidsAreAddedToTheContainers) {
  EXPECT_EQ(exec_output({"--additional-gids", "7", "-g", "9"}, "id -G"), "0 5 7 9\n");
}

TEST_F(ExecFlags, CapAddsToTheContainersCapabilities) {
  EXPECT_EQ(status_line({}, "CapEff"), "0000000000000020\n");
  EXPECT_EQ(status_line({"--cap", "CAP_SYS_PTRACE"}, "CapEff"), "0000000000080020\n");
  EXPECT_EQ(status_line({"-c", "CAP_SYS_PTRACE"}, "CapBnd"), "0000000000080020\n");
  exec_output({"--cap", "CAP_NONE"}, "true");
  EXPECT_THAT(runtime().log(), HasSubstr("unknown capability ignored name=CAP_NONE"));
}

TEST_F(ExecFlags, NoNewPrivsIsSetOnRequest) {
  EXPECT_EQ(status_line({}, "NoNewPrivs"), "0\n");
  EXPECT_EQ(status_line({"--no-new-privs"}, "NoNewPrivs"), "1\n");
}

TEST_F(ExecFlags, ProcessIsAllThatThereIs) {
  const std::string file = directory() + "/process.json";
  json other = process();
  other["args"] = {"/bin/sh", "-c", "echo $A $D; id -u; pwd"};
  other["env"] = {"PATH=/bin", "D=file"};
  other["user"] = {{"uid", 12}, {"gid", 13}};
  other["cwd"] = "/proc";
  write_file(file, other.dump());
  EXPECT_EQ(expect_success({"exec", "--process", file, "c1"}).out, "file\n12\n/proc\n");
}

TEST_F(ExecFlags, ProcessMustBeSound) {
  const std::string file = directory() + "/process.json";
  EXPECT_THAT(failure({"--process", file}, {}), HasSubstr(file));
  write_file(file, R"({"args": ["true"], "cwd": 5})");
  EXPECT_THAT(failure({"--process", file}, {}), HasSubstr("cwd"));
}

TEST_F(ExecFlags, TheStatusIsTheProcesss) {
  EXPECT_EQ(exec({}, {"/bin/sh", "-c", "exit 7"}).status, 7);
  EXPECT_EQ(exec({}, {"/bin/sh", "-c", "kill -TERM $$"}).status, 128 + 15);
  EXPECT_THAT(failure({}, {"/bin/nothing"}), HasSubstr("/bin/nothing: no such file"));
}

TEST_F(ExecFlags, DetachLeavesTheProcessAloneAndThePidFileTellsWhichItIs) {
  const std::string pid_file = directory() + "/tmp/pid";
  Pipes stdio;
  Program started = runtime().start({"exec", "--detach", "--pid-file", pid_file, "c1", "/bin/sh",
                                     "-c", "read line; echo $line $$; read line"},
                                    stdio.take_other_ends());
  EXPECT_EQ(started.wait(), 0);
  stdio.write("input\n");
  const auto line = stdio.next_line();
  ASSERT_TRUE(line);
  ASSERT_THAT(*line, testing::StartsWith("input "));
  EXPECT_THAT(read_file("/proc/" + read_file(pid_file) + "/status"),
              testing::ContainsRegex("NSpid:.*\t" + line->substr(6) + "\n"));
}

TEST_F(ExecFlags, APausedContainerIsRefusedUnlessItIsIgnored) {
  expect_success({"pause", "c1"});
  EXPECT_THAT(failure({}), HasSubstr("paused"));
  Pipes stdio;
  Program started = runtime().start({"exec", "--ignore-paused", "c1", "/bin/echo", "thawed"},
                                    stdio.take_other_ends());
  expect_success({"resume", "c1"});
  EXPECT_EQ(stdio.next_line(), "thawed");
  EXPECT_EQ(started.wait(), 0);
}

TEST_F(ExecFlags, TtyGivesTheMasterToTheConsoleSocket) {
  Console console(directory() + "/tmp/console");
  const Finished started =
      exec({"--tty", "--detach", "--user", "1000:1000", "--console-socket",
            directory() + "/tmp/console"},
           {"/bin/sh", "-c", "tty; stat -c '%u:%g %a' $(tty); read line; echo got $line"});
  EXPECT_EQ(started.status, 0) << started.err;
  console.accept();
  console.expect("/dev/pts/0\r\n1000:5 620\r\n");
  console.type("input\n");
  console.expect("got input\r\n");
}

TEST_F(ExecFlags, ADetachedTerminalNeedsAConsoleSocket) {
  EXPECT_THAT(failure({"--tty", "--detach"}), HasSubstr("--console-socket"));
  EXPECT_THAT(failure({"--tty", "--detach", "--console-socket", directory() + "/nobody"}),
              HasSubstr("--console-socket"));
}

TEST_F(ExecFlags, TtyIsProxiedToTheCallersTerminal) {
  Console console;
  console.resize(33, 77);
  const UniqueFd slave = console.open_slave();
  Program started = runtime().start(
      {"exec", "--tty", "c1", "/bin/sh", "-c",
       "stty size; trap 'stty size; exit 3' WINCH; "
       "echo ready; while true; do sleep 0.01; done"},
      {UniqueFd(dup(slave.get())), UniqueFd(dup(slave.get())), UniqueFd(dup(slave.get()))});
  console.expect("33 77");
  console.expect("ready");
  console.resize(44, 88);
  started.signal(SIGWINCH);
  console.expect("44 88");
  EXPECT_EQ(started.wait(), 3);
}

}  // namespace
}  // namespace stasis::test
