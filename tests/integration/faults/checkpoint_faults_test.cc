// Every point at which a checkpoint can fail, its worker be killed, or the command be killed: until
// the image has its name, the container goes on as it was and there is no image.
#include "integration/faults/faults_test.h"

namespace stasis::test {
namespace {

enum class Mode { kStop, kLeaveRunning };

struct FaultCase {
  std::string workload;
  std::string action;
  Mode mode;
};

void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.workload << " " << one.action; }

std::vector<std::string> points_of(const FaultCase& one) {
  std::vector<std::string> points{"checkpoint.opened",     "checkpoint.after_seize",
                                  "checkpoint.collected",  "checkpoint.saved_pages",
                                  "checkpoint.after_save", "image.before_sync",
                                  "image.before_publish"};
  // A worker that is killed here leaves the task in the courier, docs/LIMITATIONS.md.
  if (one.action != "kill") points.emplace_back("checkpoint.in_session");
  if (one.mode == Mode::kLeaveRunning) {
    points.insert(points.end(), {"checkpoint.copied_early", "checkpoint.released"});
  }
  // From here on the image has its name; a killed one is tested in killed_checkpoint_test.cc.
  if (one.action == "fail") {
    points.emplace_back("image.before_directory_sync");
    if (one.mode == Mode::kStop) points.emplace_back("checkpoint.published");
  }
  return points;
}

class CheckpointFaults : public FaultsTest, public testing::WithParamInterface<FaultCase> {
 protected:
  void expect_failed(const Finished& finished, const std::string& point) const {
    const std::string& action = GetParam().action;
    EXPECT_EQ(finished.status, action == "kill-parent" ? 128 + SIGKILL : 1);
    if (action == "fail") {
      EXPECT_THAT(runtime().log(), testing::HasSubstr("fault point " + point));
    } else if (action == "kill") {
      EXPECT_THAT(runtime().log(),
                  testing::HasSubstr("cannot checkpoint container 'c1': the worker process was "
                                     "killed by signal 9"));
    }
  }
};

TEST_P(CheckpointFaults, LeaveTheContainerAsItWas) {
  start_workload(GetParam().workload);
  std::vector<std::string> flags;
  if (GetParam().mode == Mode::kLeaveRunning) flags.emplace_back("--leave-running");
  for (const std::string& point : points_of(GetParam())) {
    SCOPED_TRACE(point);
    const auto before = observe_processes(pid_);
    const auto finished =
        run_with_fault(checkpoint_arguments(flags), point + "=" + GetParam().action);
    expect_failed(finished, point);
    EXPECT_EQ(observe_processes_until(pid_, before), before);
    expect_as_it_was();
    // The directory goes with what makes the image, if that can still act.
    if (GetParam().action != "kill" && point != "checkpoint.published") {
      EXPECT_FALSE(exists(image()));
    }
    if (HasFailure()) return;
  }
  expect_round_trip();
}

std::vector<FaultCase> all_cases() {
  std::vector<FaultCase> cases;
  for (const char* workload :
       {"memory_pattern", "threads", "process_tree", "blocked_calls", "large_consistency"}) {
    for (const char* action : {"fail", "kill", "kill-parent"}) {
      cases.push_back({workload, action, Mode::kStop});
      cases.push_back({workload, action, Mode::kLeaveRunning});
    }
  }
  return cases;
}

std::string name_of(const FaultCase& one) {
  std::string action = one.action == "kill-parent" ? "killed_command" : "killed_worker";
  if (one.action == "fail") action = "failure";
  return one.workload + "_" + action + (one.mode == Mode::kStop ? "_stop" : "_leave_running");
}

INSTANTIATE_TEST_SUITE_P(All, CheckpointFaults, testing::ValuesIn(all_cases()),
                         [](const auto& one) { return name_of(one.param); });

}  // namespace
}  // namespace stasis::test
