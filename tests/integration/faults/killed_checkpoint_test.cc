// Signals to the command and to its worker: at random times, at chosen ones, and after the image
// has its name.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "integration/faults/faults_test.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

constexpr int kKills = 30;

class KilledCheckpoint : public FaultsTest {
 protected:
  bool has_image() const { return exists(image() + "/checkpoint.img"); }
  void remove_image() const { std::filesystem::remove_all(image()); }

  Program start_checkpoint(Pipes& pipes, const std::vector<std::string>& flags,
                           const std::string& fault = "") const {
    RunOptions options;
    if (!fault.empty()) options.environment.push_back("STASIS_FAULT=" + fault);
    return runtime().start(checkpoint_arguments(flags), pipes.take_other_ends(), options);
  }

  // The time that a whole one takes.
  microseconds measure(const std::vector<std::string>& flags) {
    const auto begin = Clock::now();
    checkpoint_container("c1", image(), flags);
    const auto taken = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    if (flags.empty()) restore_again();
    remove_image();
    return taken;
  }

  // Either nothing has happened, or all has.
  void expect_all_or_nothing(const std::vector<std::string>& flags) {
    if (!has_image()) return expect_as_it_was();
    expect_success({"verify", image()});
    if (flags.empty()) {
      expect_gone("c1");
      restore_again();
    } else {
      EXPECT_EQ(container_status("c1"), "running");
      expect_verified();
    }
    remove_image();
  }

  void kill_at_random_times(const std::vector<std::string>& flags) {
    start_workload("large_consistency");
    const auto whole = measure(flags);
    const auto seed = std::random_device{}();
    SCOPED_TRACE(fmt::format("seed {}, whole {} us", seed, whole.count()));
    std::minstd_rand random(seed);
    std::uniform_int_distribution<std::int64_t> delay(0, whole.count());
    int in_time = 0;
    for (int i = 0; i < kKills && !HasFailure(); ++i) {
      Pipes pipes;
      Program command = start_checkpoint(pipes, flags);
      const microseconds after(delay(random));
      SCOPED_TRACE(fmt::format("kill {} after {} us", i, after.count()));
      std::this_thread::sleep_for(after);
      kill(command.pid(), SIGKILL);
      in_time += command.wait() == 128 + SIGKILL ? 1 : 0;
      pipes.read_to_end();
      expect_all_or_nothing(flags);
    }
    EXPECT_GT(in_time, 0);
    remove_image();
    expect_round_trip();
  }

  // The worker of a command that was started with a "pause" fault, once it has stopped.
  static pid_t wait_for_paused_worker(const Program& command) {
    const std::string children = fmt::format("/proc/{0}/task/{0}/children", command.pid());
    const auto deadline = Clock::now() + kLimit;
    while (Clock::now() < deadline) {
      const std::string text = read_file(children);
      if (!text.empty()) {
        const pid_t worker = std::stoi(text);
        const std::string stat = read_file(fmt::format("/proc/{}/stat", worker));
        if (stat.find(") T ") != std::string::npos) return worker;
      }
      std::this_thread::sleep_for(microseconds(200));
    }
    give_up("the worker did not reach its fault point");
  }
};

TEST_F(KilledCheckpoint, AtRandomTimesIsAllOrNothing) { kill_at_random_times({}); }

TEST_F(KilledCheckpoint, AtRandomTimesWhileItLeavesRunningIsAllOrNothing) {
  kill_at_random_times({"--leave-running"});
}

TEST_F(KilledCheckpoint, WithItsWholeProcessGroupUndoesAll) {
  start_workload("threads");
  const auto before = observe_processes(pid_);
  Pipes pipes;
  Program command = start_checkpoint(pipes, {}, "checkpoint.in_session=pause");
  const pid_t worker = wait_for_paused_worker(command);
  kill(-command.pid(), SIGKILL);
  EXPECT_EQ(command.wait(), 128 + SIGKILL);
  kill(worker, SIGCONT);
  pipes.read_to_end();
  EXPECT_EQ(observe_processes_until(pid_, before), before);
  expect_as_it_was();
  expect_round_trip();
}

class InterruptedCheckpoint : public KilledCheckpoint, public testing::WithParamInterface<int> {};

TEST_P(InterruptedCheckpoint, UndoesAllAndEndsByTheSignal) {
  start_workload("threads");
  const auto before = observe_processes(pid_);
  Pipes pipes;
  Program command = start_checkpoint(pipes, {}, "checkpoint.in_session=pause");
  const pid_t worker = wait_for_paused_worker(command);
  kill(-command.pid(), GetParam());
  // The command says so once it has given up the pipe.
  while (runtime().log().find("putting the container back") == std::string::npos) {
    std::this_thread::sleep_for(microseconds(200));
  }
  kill(worker, SIGCONT);
  EXPECT_EQ(command.wait(), 128 + GetParam());
  EXPECT_THAT(
      runtime().log(),
      testing::HasSubstr("cannot checkpoint container 'c1': interrupted; the container goes "
                         "on"));
  EXPECT_EQ(observe_processes_until(pid_, before), before);
  expect_as_it_was();
  expect_round_trip();
}

INSTANTIATE_TEST_SUITE_P(Signals, InterruptedCheckpoint, testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_F(KilledCheckpoint, IsFinishedOnceTheImageHasItsName) {
  for (const char* point : {"image.before_directory_sync", "checkpoint.published"}) {
    SCOPED_TRACE(point);
    start_workload("process_tree");
    const auto finished =
        run_with_fault(checkpoint_arguments(), std::string(point) + "=kill-parent");
    EXPECT_EQ(finished.status, 128 + SIGKILL);
    expect_gone("c1");
    expect_success({"verify", image()});
    restore_again();
    expect_success({"delete", "--force", "c1"});
    remove_image();
    std::filesystem::remove_all(bundle_->directory());
  }
}

TEST_F(KilledCheckpoint, WhoseWorkerDiesAfterThatKeepsTheImage) {
  start_workload("process_tree");
  const auto finished = run_with_fault(checkpoint_arguments(), "checkpoint.published=kill");
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(runtime().log(), testing::HasSubstr("killed by signal 9"));
  EXPECT_EQ(container_status("c1"), "running");
  expect_verified();
  expect_success({"verify", image()});
  expect_success({"delete", "--force", "c1"});
  restore_container("c1", *bundle_, image(), new_stdio());
  expect_verified();
}

}  // namespace
}  // namespace stasis::test
