// Commands that do not fit the state of the container: unknown, created, running, paused, stopped.
#include <sys/wait.h>

#include "integration/runtime/bad_input.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

class BadState : public BadInput {
 protected:
  void SetUp() override {
    BadInput::SetUp();
    bundle().set_arguments({"/bin/sleep", "1000"});
    bundle().save();
  }
  void create() {
    will_delete("c1");
    const auto ends = stdio_.take_other_ends();
    Program program = runtime().start({"create", "--bundle", bundle().directory(), "c1"}, ends);
    ASSERT_EQ(program.wait(), 0) << runtime().log();
  }
  void run() { start_container("c1", bundle(), stdio_); }
  void stop() {
    run();
    expect_success({"kill", "c1", "KILL"});
    while (container_status("c1") != "stopped") {
    }
  }
  // `stasis exec`, stopped before there is a process in the container.
  Program start_paused_exec(Pipes& pipes) {
    const auto ends = pipes.take_other_ends();
    return runtime().start({"exec", "c1", "true"}, ends,
                           {.environment = {"STASIS_FAULT=exec.before_clone=pause"}});
  }
  std::string image() const { return directory() + "/tmp/image"; }
  // Making another container of the same name.
  std::vector<BadCase> of_the_same_id() { return of_making("container 'c1' exists already"); }
  // What a failed command has not changed.
  void expect_still(const std::string& status) { EXPECT_EQ(container_status("c1"), status); }

  Pipes stdio_;
};

TEST_F(BadState, UnknownId) {
  const std::string why = "container 'nobody' does not exist";
  expect_refused({{{"checkpoint", "--image-path", image(), "nobody"}, why},
                  {{"delete", "nobody"}, why},
                  {{"events", "nobody"}, why},
                  {{"events", "--stats", "nobody"}, why},
                  {{"exec", "nobody", "true"}, why, 255},
                  {{"kill", "nobody"}, why},
                  {{"kill", "--all", "nobody"}, why},
                  {{"pause", "nobody"}, why},
                  {{"ps", "nobody"}, why},
                  {{"resume", "nobody"}, why},
                  {{"start", "nobody"}, why},
                  {{"state", "nobody"}, why},
                  {{"update", "--pids-limit", "10", "nobody"}, why},
                  {{"wait", "nobody"}, why}});
  expect_success({"delete", "--force", "nobody"});
}

TEST_F(BadState, InvalidId) {
  for (const std::string& id : Words{"a/b", "..", ".", "a b", "a\nb", "\u00fc", "a:b"}) {
    const std::string why = "invalid container id '";
    expect_refused(of_making(why, {}, id));
    expect_refused({{{"checkpoint", "--image-path", image(), id}, why},
                    {{"delete", id}, why},
                    {{"delete", "--force", id}, why},
                    {{"events", id}, why},
                    {{"exec", id, "true"}, why, 255},
                    {{"kill", id}, why},
                    {{"pause", id}, why},
                    {{"ps", id}, why},
                    {{"resume", id}, why},
                    {{"start", id}, why},
                    {{"state", id}, why},
                    {{"update", "--pids-limit", "10", id}, why},
                    {{"wait", id}, why}});
  }
  expect_refused(
      {{{"state", ""}, "container id must not be empty"},
       {{"state", std::string(1025, 'x')}, "container id of 1025 characters is too long"},
       {{"delete", "--force", ""}, "container id must not be empty"}});
}

TEST_F(BadState, Created) {
  create();
  expect_refused(of_the_same_id());
  expect_refused({{{"resume", "c1"}, "container not paused: 'c1': it is created"},
                  {{"checkpoint", "--image-path", image(), "c1"},
                   "cannot checkpoint container 'c1': it is created"}});
  expect_still("created");
  expect_success({"delete", "c1"});
  expect_gone("c1");
}

TEST_F(BadState, Running) {
  run();
  expect_refused(of_the_same_id());
  expect_refused({{{"start", "c1"}, "cannot start container 'c1': it is running"},
                  {{"resume", "c1"}, "container not paused: 'c1': it is running"},
                  {{"delete", "c1"}, "cannot delete container 'c1': it is running"},
                  {{"kill", "c1", "FOO"}, "unknown signal 'FOO'"},
                  {{"kill", "c1", "99"}, "unknown signal '99'"},
                  {{"exec", "c1", "/none"}, "exec /none: no such file or directory", 255},
                  {{"exec", "c1", "/etc"}, "exec /etc: permission denied", 255},
                  {{"exec", "--cwd", "here", "c1", "true"}, "'here' is not absolute", 255},
                  {{"exec", "--process", "/none", "c1"}, "open '/none'", 255},
                  {{"exec", "-d", "--pid-file", "/none/pid", "c1", "true"}, "/none/", 255},
                  {{"exec", "-d", "-t", "--console-socket", "/none/socket", "c1", "true"},
                   "'/none/socket'",
                   255}});
  expect_still("running");
}

TEST_F(BadState, Paused) {
  run();
  expect_success({"pause", "c1"});
  expect_refused(of_the_same_id());
  expect_refused({{{"start", "c1"}, "cannot start container 'c1': it is paused"},
                  {{"pause", "c1"}, "container not running: 'c1': it is paused"},
                  {{"exec", "c1", "true"}, "cannot exec in container 'c1': it is paused", 255},
                  {{"delete", "c1"}, "cannot delete container 'c1': it is paused"}});
  expect_still("paused");
  expect_success({"delete", "--force", "c1"});
  expect_gone("c1");
}

TEST_F(BadState, Stopped) {
  stop();
  expect_refused(of_the_same_id());
  expect_refused({{{"start", "c1"}, "cannot start container 'c1': it is stopped"},
                  {{"kill", "c1"}, "container not running: 'c1'"},
                  {{"pause", "c1"}, "container not running: 'c1': it is stopped"},
                  {{"resume", "c1"}, "container not paused: 'c1': it is stopped"},
                  {{"update", "--pids-limit", "10", "c1"}, "container not running"},
                  {{"exec", "c1", "true"}, "cannot exec in container 'c1': it is stopped", 255},
                  {{"events", "c1"}, "container with id c1 is not running"},
                  {{"checkpoint", "--image-path", image(), "c1"},
                   "cannot checkpoint container 'c1': it is stopped"},
                  {{"wait", "c1"}, "cannot wait for container 'c1': it is stopped"}});
  expect_success({"kill", "--all", "c1", "KILL"});
  EXPECT_EQ(expect_success({"ps", "--format", "json", "c1"}).out, "[]\n");
  expect_still("stopped");
}

// From the moment that pid 1 dies its pid namespace takes nobody, which the kernel calls ENOMEM.
TEST_F(BadState, EndedWhileExecWasAtWork) {
  run();
  Pipes pipes;
  Program exec = start_paused_exec(pipes);
  siginfo_t info{};
  must(waitid(P_PID, static_cast<id_t>(exec.pid()), &info, WSTOPPED | WNOWAIT), "waiting for exec");
  expect_success({"kill", "c1", "KILL"});
  while (container_status("c1") != "stopped") {
  }
  exec.signal(SIGCONT);
  EXPECT_EQ(exec.wait(), 255);
  pipes.read_to_end();
  EXPECT_EQ(pipes.all_err(), "container 'c1' has just ended\n");
}

}  // namespace
}  // namespace stasis::test
