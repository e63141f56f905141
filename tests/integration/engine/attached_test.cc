// restore without --detach: it stays, forwards signals, and ends as the container ends; and the
// terminals of callers (--shell-job).
#include <sched.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/console.h"
#include "integration/support/container_test.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

bool holds_pidfd(pid_t pid) {
  std::error_code gone;
  const std::string fds = fmt::format("/proc/{}/fd", pid);
  for (const auto& entry : std::filesystem::directory_iterator(fds, gone)) {
    if (std::filesystem::read_symlink(entry, gone) == "anon_inode:[pidfd]") return true;
  }
  return false;
}

void await_pidfd_of(pid_t pid) {
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (!holds_pidfd(pid)) {
    if (std::chrono::steady_clock::now() > deadline) give_up("it holds no pidfd");
    sched_yield();
  }
}

class Attached : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"sh", "-c",
                            "trap 'echo term; exit 9' TERM; x=kept; echo ready; "
                            "while read -r line; do eval \"$line\"; done"});
  }
  std::string image() const { return directory() + "/image"; }
  std::vector<std::string> restore_command(std::vector<std::string> more = {}) const {
    std::vector<std::string> command{"restore",  "--image-path",       image(),
                                     "--bundle", bundle_->directory(), "c1"};
    command.insert(command.end() - 1, more.begin(), more.end());
    return command;
  }
  void make_image() {
    Pipes stdio;
    start_container("c1", *bundle_, stdio);
    ASSERT_EQ(stdio.next_line(), "ready");
    checkpoint_container("c1", image());
  }
  Program restore(Pipes& stdio) {
    Program program = runtime().start(restore_command(), stdio.take_other_ends());
    stdio.write("echo $x\n");
    EXPECT_EQ(stdio.next_line(), "kept");
    return program;
  }

  std::unique_ptr<Bundle> bundle_;
};

TEST_F(Attached, RestoreExitsAsTheContainerDoes) {
  make_image();
  for (const int status : {0, 3}) {
    Pipes stdio;
    Program program = restore(stdio);
    stdio.write(fmt::format("exit {}\n", status));
    EXPECT_EQ(program.wait(), status);
    expect_gone("c1");
  }
}

TEST_F(Attached, RestoreTellsTheSignalThatKilledTheContainer) {
  make_image();
  Pipes stdio;
  Program program = restore(stdio);
  expect_success({"kill", "c1", "KILL"});
  EXPECT_EQ(program.wait(), 128 + SIGKILL);
  expect_gone("c1");
}

TEST_F(Attached, RestoreForwardsSignals) {
  make_image();
  Pipes stdio;
  Program program = restore(stdio);
  program.signal(SIGTERM);
  // The shell handles it when it has read a line.
  stdio.write(":\n");
  EXPECT_EQ(stdio.next_line(), "term");
  EXPECT_EQ(program.wait(), 9);
}

TEST_F(Attached, WaitTellsTheStatusOfARestoredContainer) {
  make_image();
  Pipes stdio;
  restore_container("c1", *bundle_, image(), stdio);
  Pipes output;
  Program wait = runtime().start({"wait", "c1"}, output.take_other_ends());
  // It has begun to wait when it holds a pidfd of the container.
  await_pidfd_of(wait.pid());
  stdio.write("exit 3\n");
  EXPECT_EQ(wait.wait(), 3);
}

TEST_F(Attached, ShellJobsUseTheTerminalOfTheRestoringCaller) {
  bundle_->save();
  will_delete("c1");
  Console before;
  Program run = runtime().start({"run", "--bundle", bundle_->directory(), "c1"},
                                {before.open_slave(), before.open_slave(), before.open_slave()});
  before.expect("ready\r\n");
  const Finished refused = runtime().run({"checkpoint", "--image-path", image(), "c1"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err + runtime().log(),
              HasSubstr("a terminal from outside of the container; use --shell-job"));
  checkpoint_container("c1", image(), {"--shell-job"});
  EXPECT_EQ(run.wait(), 128 + SIGKILL);

  Pipes pipes;
  const std::string needs_terminal =
      "the container used a terminal of its caller: restore it from a terminal, with --shell-job";
  EXPECT_NE(runtime().start(restore_command({"--shell-job"}), pipes.take_other_ends()).wait(), 0);
  EXPECT_THAT(runtime().log(), HasSubstr(needs_terminal));
  expect_gone("c1");

  Console after;
  Program restored = runtime().start(restore_command({"--shell-job"}),
                                     {after.open_slave(), after.open_slave(), after.open_slave()});
  after.type("echo $x; exit 4\n");
  after.expect("kept\r\n");
  EXPECT_EQ(restored.wait(), 4);
}

}  // namespace
}  // namespace stasis::test
