// Checkpoints of a paused container: whatever becomes of them, it is paused afterwards, by the same
// freezer.
#include <fstream>

#include "integration/faults/faults_test.h"
#include "integration/support/cgroups.h"

namespace stasis::test {
namespace {

class PausedContainer : public FaultsTest {
 protected:
  void start_paused() {
    start_workload("threads");
    expect_success({"pause", "c1"});
  }
  void expect_still_paused() {
    EXPECT_EQ(container_status("c1"), "paused");
    EXPECT_EQ(container_pid("c1"), pid_);
  }
  // It answers, and does so only once it is resumed.
  void expect_goes_on_when_resumed() {
    stdio_->write("v");
    expect_success({"resume", "c1"});
    EXPECT_EQ(container_status("c1"), "running");
    EXPECT_EQ(stdio_->next_line(), "ok");
  }
};

TEST_F(PausedContainer, StaysPausedWhenLeftRunning) {
  start_paused();
  const auto before = observe_processes(pid_);
  checkpoint_container("c1", image(), {"--leave-running"});
  EXPECT_EQ(observe_processes_until(pid_, before), before);
  expect_still_paused();
  expect_goes_on_when_resumed();
}

TEST_F(PausedContainer, StaysPausedWhenTheCheckpointFailsOrIsKilled) {
  start_paused();
  for (const char* point :
       {"checkpoint.after_seize", "checkpoint.after_save", "checkpoint.published"}) {
    for (const char* action : {"fail", "kill", "kill-parent"}) {
      SCOPED_TRACE(std::string(point) + " " + action);
      if (point == std::string("checkpoint.published") && action != std::string("fail")) continue;
      const auto finished =
          run_with_fault(checkpoint_arguments(), std::string(point) + "=" + action);
      EXPECT_NE(finished.status, 0);
      EXPECT_THAT(list_tree(image()), testing::IsEmpty());
      expect_still_paused();
    }
  }
  expect_goes_on_when_resumed();
}

TEST_F(PausedContainer, StaysPausedAfterADryRun) {
  start_paused();
  expect_success({"checkpoint", "--dry-run", "c1"});
  expect_still_paused();
  expect_goes_on_when_resumed();
}

TEST_F(PausedContainer, IsRestoredRunning) {
  start_paused();
  checkpoint_container("c1", image());
  expect_gone("c1");
  restore_again();
  EXPECT_EQ(container_status("c1"), "running");
}

TEST_F(PausedContainer, StaysFrozenByTheFreezerThatFrozeIt) {
  start_workload("threads");
  std::string freezer;
  for (const std::string& cgroup : list_cgroups(find_hierarchies())) {
    if (cgroup.ends_with("/c1") && exists(cgroup + "/freezer.state")) freezer = cgroup;
  }
  if (freezer.empty()) GTEST_SKIP() << "no v1 freezer here";
  write_file(freezer + "/freezer.state", "FROZEN");
  EXPECT_EQ(container_status("c1"), "paused");
  checkpoint_container("c1", image(), {"--leave-running"});
  EXPECT_EQ(read_file(freezer + "/freezer.state"), "FROZEN\n");
  expect_still_paused();
  expect_goes_on_when_resumed();
}

}  // namespace
}  // namespace stasis::test
