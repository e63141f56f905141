// docker checkpoint and docker start --checkpoint, which the experimental daemon has.
#include <gmock/gmock.h>

#include "integration/engines/dockerd.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class DockerCheckpoint : public DockerTest {
 protected:
  void SetUp() override {
    start("one", {}, {"sh", "-c", counting_shell()});
    wait_for_tick_after("one", 2);
  }
  static std::string status() { return inspect("one", "{{.State.Status}} {{.State.ExitCode}}"); }
  static Words checkpoints() {
    const std::string table = docker().output({"checkpoint", "ls", "one"});
    Words names;
    for (const char* name : {"first", "second"}) {
      if (table.find(std::string("\n") + name) != std::string::npos) names.emplace_back(name);
    }
    return names;
  }
};

// Every number once, in order: nothing was lost, nothing was counted anew.
std::vector<int> up_to(int last) {
  std::vector<int> numbers;
  for (int i = 1; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

TEST_F(DockerCheckpoint, TheCountGoesOnAfterTheRestore) {
  docker().output({"checkpoint", "create", "one", "first"});
  docker().wait_for_output({"inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "one"},
                           "exited 137");
  const int stopped_at = ticks_of("one").back();
  docker().output({"start", "--checkpoint", "first", "one"});
  EXPECT_EQ(status(), "running 0");
  const int later = wait_for_tick_after("one", stopped_at + 1);
  auto ticks = ticks_of("one");
  ticks.resize(static_cast<std::size_t>(later));
  EXPECT_EQ(ticks, up_to(later));
}

TEST_F(DockerCheckpoint, TheRestoredContainerIsAnOrdinaryOne) {
  docker().output({"checkpoint", "create", "one", "first"});
  docker().output({"start", "--checkpoint", "first", "one"});
  EXPECT_EQ(docker().output({"exec", "one", "cat", "/proc/1/comm"}), "sh");
  EXPECT_THAT(docker().output({"top", "one"}), HasSubstr("echo tick"));
  docker().output({"pause", "one"});
  docker().output({"unpause", "one"});
  docker().output({"checkpoint", "create", "one", "second"});  // of what was restored
  docker().output({"start", "--checkpoint", "second", "one"});
  docker().output({"stop", "--time", "0", "one"});
  EXPECT_EQ(status(), "exited 137");
  docker().output({"start", "one"});  // anew, without a checkpoint
  EXPECT_EQ(status(), "running 0");
}

TEST_F(DockerCheckpoint, LeftRunningItGoesOnAndCanBeBroughtBackLater) {
  const std::string pid = inspect("one", "{{.State.Pid}}");
  docker().output({"checkpoint", "create", "--leave-running", "one", "first"});
  EXPECT_EQ(status(), "running 0");
  EXPECT_EQ(inspect("one", "{{.State.Pid}}"), pid);
  const int saved_at = ticks_of("one").back();
  wait_for_tick_after("one", saved_at + 3);
  docker().output({"kill", "one"});
  const std::size_t printed = ticks_of("one").size();
  docker().output({"start", "--checkpoint", "first", "one"});
  docker().wait_until({"logs", "one"},
                      [&](const std::string&) { return ticks_of("one").size() > printed; });
  EXPECT_LE(ticks_of("one")[printed], saved_at + 1);
  EXPECT_GT(ticks_of("one")[printed], 2);
}

TEST_F(DockerCheckpoint, ListAndRemove) {
  docker().output({"checkpoint", "create", "--leave-running", "one", "first"});
  docker().output({"checkpoint", "create", "--leave-running", "one", "second"});
  EXPECT_EQ(checkpoints(), (Words{"first", "second"}));
  EXPECT_THAT(docker().run({"checkpoint", "create", "one", "second"}).err,
              HasSubstr("checkpoint with name second already exists"));
  docker().output({"checkpoint", "rm", "one", "first"});
  EXPECT_EQ(checkpoints(), Words{"second"});
}

TEST_F(DockerCheckpoint, ARefusedCheckpointSaysWhyAndTheContainerGoesOn) {
  // A process in a pid namespace of its own.
  start("nested", {"--privileged"},
        {"sh", "-c", "echo on; exec unshare --pid --fork sh -c 'while :; do sleep 0.1; done'"});
  docker().wait_until({"top", "nested", "-o", "pid,comm"}, [](const std::string& text) {
    return text.find("sleep") != std::string::npos;
  });
  const Finished refused = docker().run({"checkpoint", "create", "nested", "first"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("pid namespace"));
  EXPECT_EQ(inspect("nested", "{{.State.Status}}"), "running");
  EXPECT_EQ(docker().output({"exec", "nested", "echo", "on"}), "on");
}

TEST_F(DockerCheckpoint, APublishedServerAnswersAfterTheRestore) {
  start("web", {"--publish", "127.0.0.1:8098:80"},
        {"sh", "-c", "echo page >/index.html; exec httpd -f -h /"});
  const auto ask = [] {
    return run_program({"bash", "-c",
                        "exec 3<>/dev/tcp/127.0.0.1/8098; "
                        "printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"})
        .out;
  };
  docker().wait_until({"exec", "web", "wget", "-q", "-O", "-", "http://127.0.0.1/index.html"},
                      [](const std::string& page) { return page == "page"; });
  EXPECT_THAT(ask(), testing::EndsWith("\r\n\r\npage\n"));
  docker().output({"checkpoint", "create", "web", "first"});
  docker().output({"start", "--checkpoint", "first", "web"});
  EXPECT_THAT(ask(), testing::EndsWith("\r\n\r\npage\n"));
}

TEST_F(DockerCheckpoint, ATerminalComesBack) {
  start("shell", {"--interactive", "--tty"},
        {"sh", "-c", "x=kept; exec 2>&1; while read -r l; do eval \"$l\"; done"});
  docker().output({"checkpoint", "create", "shell", "first"});
  docker().output({"start", "--checkpoint", "first", "shell"});
  Console console;
  Program client = docker().start_on(console, {"attach", "shell"});
  console.type("echo $x on $(tty); exit 4\n");
  console.expect("kept on /dev/");
  EXPECT_EQ(client.wait(), 4);
}

}  // namespace
}  // namespace stasis::test
