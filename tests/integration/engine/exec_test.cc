// Processes that `exec` brought into a container, across checkpoint and restore: their parent is
// outside, and they talk through fifos inside of the container.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

// A pair of fifos in the root filesystem, opened for reading and writing, so that their other ends
// may come and go.
class FifoPair {
 public:
  FifoPair(const std::string& rootfs, const std::string& name) {
    in_ = open_fifo(rootfs + "/" + name + ".in");
    out_ = open_fifo(rootfs + "/" + name + ".out");
  }
  std::string ask(std::string_view question) {
    must(write(in_.get(), question.data(), question.size()), "write");
    return next_line();
  }
  std::string next_line() {
    while (true) {
      if (const auto end = text_.find('\n'); end != std::string::npos) {
        const std::string line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return line;
      }
      pollfd wait{out_.get(), POLLIN, 0};
      constexpr std::chrono::milliseconds kPatience = kLimit;
      if (poll(&wait, 1, static_cast<int>(kPatience.count())) != 1) give_up("no line in a fifo");
      std::array<char, 4096> chunk{};
      const auto got = must(read(out_.get(), chunk.data(), chunk.size()), "read");
      text_.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  static UniqueFd open_fifo(const std::string& path) {
    must(mkfifo(path.c_str(), 0600), "mkfifo");
    return UniqueFd(must(open(path.c_str(), O_RDWR | O_CLOEXEC), "open a fifo"));
  }
  UniqueFd in_, out_;
  std::string text_;
};

class Exec : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->add_file(Runtime::built("workload"), "/bin/workload");
    bundle_->set_arguments({"/bin/workload", "memory_pattern"});
    start_container("c1", *bundle_, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
  }

  // Runs `script` by a shell in the container, with its standard descriptors on fifos `name`.
  FifoPair exec(const std::string& name, const std::string& script) {
    FifoPair fifos(bundle_->rootfs(), name);
    // The shell opens them for reading and writing: no end of file comes when the test's ends
    // close.
    expect_success({"exec", "--detach", "c1", "sh", "-c",
                    fmt::format("exec <>/{0}.in >/{0}.out 2>&1; {1}", name, script)});
    return fifos;
  }

  std::string image(int number) const { return directory() + "/image" + std::to_string(number); }

  void round(int number) {
    checkpoint_container("c1", image(number));
    restored_.push_back(std::make_unique<Pipes>());
    restore_container("c1", *bundle_, image(number), *restored_.back());
  }
  Pipes& stdio() { return restored_.empty() ? stdio_ : *restored_.back(); }
  void expect_init_ok() {
    stdio().write("v");
    EXPECT_EQ(stdio().next_line(), "ok");
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
  std::vector<std::unique_ptr<Pipes>> restored_;
};

// Prints pid, ppid, process group and session of the shell, as it sees them itself.
constexpr const char* kIdentity = "read -r a b c d e f g </proc/$$/stat; echo $a $d $e $f;";

TEST_F(Exec, WorkloadsBesideInitKeepTheirState) {
  FifoPair threads = exec("threads", "exec /bin/workload threads");
  ASSERT_EQ(threads.next_line(), "ready");
  FifoPair tree = exec("tree", "exec /bin/workload process_tree");
  ASSERT_EQ(tree.next_line(), "ready");
  const auto expect_ok = [&] {
    EXPECT_EQ(threads.ask("v"), "ok");
    EXPECT_EQ(tree.ask("v"), "ok");
    expect_init_ok();
  };
  checkpoint_container("c1", image(0), {"--leave-running"});
  expect_ok();
  for (int number = 1; number <= 2 && !HasFailure(); ++number) {
    SCOPED_TRACE(number);
    round(number);
    expect_ok();
  }
}

TEST_F(Exec, AShellKeepsItsNumbersVariablesAndChildren) {
  FifoPair shell = exec("shell",
                        "n=0; sleep 1000 & job=$!; while read -r line; do n=$((n+1)); "
                        "eval \"$line\"; done");
  const std::string identity = shell.ask(std::string(kIdentity) + "\n");
  const auto pid = identity.substr(0, identity.find(' '));
  EXPECT_EQ(identity, fmt::format("{0} 0 {0} {0}", pid));
  for (int number = 1; number <= 2 && !HasFailure(); ++number) {
    SCOPED_TRACE(number);
    round(number);
    EXPECT_EQ(shell.ask("kill -0 $job && echo job $n\n"), "job 2");
    EXPECT_EQ(shell.ask(std::string(kIdentity) + "\n"), identity);
    EXPECT_EQ(shell.ask("(exit 7); echo $?\n"), "7");
    shell.ask("n=1; echo\n");
  }
  // It ends as any other: whoever waits for it is outside.
  EXPECT_EQ(shell.ask("kill $job; wait $job 2>/dev/null; echo $?; exit\n"), "143");
  expect_init_ok();
}

TEST_F(Exec, OrphansAndDaemonsStayWhereTheyWere) {
  // The shell that gave it its standard descriptors ends: init adopts it, in a session of its own.
  FifoPair daemon = exec("daemon",
                         "(setsid sh -c 'while read -r line; do eval \"$line\"; done' "
                         "<>/daemon.in &); exit");
  const std::string identity = daemon.ask(std::string(kIdentity) + "\n");
  EXPECT_THAT(identity, testing::MatchesRegex("[0-9]+ 1 [0-9]+ [0-9]+"));
  for (int number = 1; number <= 2 && !HasFailure(); ++number) {
    SCOPED_TRACE(number);
    round(number);
    EXPECT_EQ(daemon.ask(std::string(kIdentity) + "\n"), identity);
  }
}

TEST_F(Exec, InputFromACallerEndsAndOutputGoesOn) {
  will_delete("c1");
  Pipes caller;
  Program exec =
      runtime().start({"exec", "c1", "sh", "-c",
                       "while read -r line; do echo got $line; done; echo end >/ended; echo end; "
                       "exec sleep 1000"},
                      caller.take_other_ends());
  caller.write("one\n");
  ASSERT_EQ(caller.next_line(), "got one");
  checkpoint_container("c1", image(0), {"--leave-running"});
  caller.write("two\n");
  ASSERT_EQ(caller.next_line(), "got two");
  round(1);
  EXPECT_EQ(exec.wait(), 137);
  EXPECT_EQ(stdio().next_line(), "end");
  EXPECT_EQ(read_file(bundle_->rootfs() + "/ended"), "end\n");
  expect_init_ok();
}

TEST_F(Exec, EndsOfRestoredProcessesDoNotKeepTheContainer) {
  FifoPair shell = exec("shell", "while read -r line; do eval \"$line\"; done");
  ASSERT_EQ(shell.ask("echo hello\n"), "hello");
  round(1);
  ASSERT_EQ(shell.ask("echo hello\n"), "hello");
  const UniqueFd init(
      static_cast<int>(must(syscall(SYS_pidfd_open, container_pid("c1"), 0), "pidfd_open")));
  expect_success({"kill", "c1", "KILL"});
  // It ends only when whoever is the parent of the shell outside has reaped that.
  pollfd ended{init.get(), POLLIN, 0};
  constexpr std::chrono::milliseconds kPatience = kLimit;
  EXPECT_EQ(poll(&ended, 1, static_cast<int>(kPatience.count())), 1);
  EXPECT_EQ(container_status("c1"), "stopped");
}

// Whatever step fails, nothing stays: TearDown looks.
TEST_F(Exec, FailedRestoresLeaveNothing) {
  FifoPair shell = exec("shell", "while read -r line; do eval \"$line\"; done");
  ASSERT_EQ(shell.ask("echo hello\n"), "hello");
  checkpoint_container("c1", image(1));
  for (const std::string point : {"restore.after_objects", "restore.after_tree",
                                  "restore.after_files", "restore.before_release"}) {
    SCOPED_TRACE(point);
    const Finished failed = runtime().run(
        {"restore", "--detach", "--image-path", image(1), "--bundle", bundle_->directory(), "c1"},
        {.environment = {"STASIS_FAULT=" + point}});
    EXPECT_NE(failed.status, 0);
    EXPECT_NE(runtime().run({"state", "c1"}).status, 0);
  }
}

}  // namespace
}  // namespace stasis::test
