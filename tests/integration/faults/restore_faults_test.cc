// Every point at which a restore can fail or be killed: nothing of the container is left, and the
// next restore of the same name works.
#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "integration/faults/faults_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

constexpr int kKills = 20;

constexpr std::array kPoints{
    "launch.reserved",       "launch.before_clone",    "launch.spawned",
    "launch.mounted",        "launch.ready",           "restore.after_network",
    "restore.after_objects", "restore.filled_memory",  "restore.after_tree",
    "restore.after_files",   "restore.before_release", "restore.released",
    "restore.complete"};

struct RestoreCase {
  std::string workload;
  std::string action;
};

void PrintTo(const RestoreCase& one, std::ostream* out) {
  *out << one.workload << " " << one.action;
}

class RestoreFaults : public FaultsTest, public testing::WithParamInterface<RestoreCase> {
 protected:
  std::string pid_file() const { return directory() + "/pid"; }
  std::vector<std::string> restore_arguments() const {
    return {"restore",    "--detach", "--image-path",
            image(),      "--bundle", bundle_->directory(),
            "--pid-file", pid_file(), "c1"};
  }
  void make_image(const std::string& workload) {
    start_workload(workload);
    checkpoint_container("c1", image());
  }
  void expect_nothing() const {
    expect_nothing_left();
    EXPECT_FALSE(exists(pid_file()));
    EXPECT_EQ(list_tree(bundle_->directory()), before_);
    EXPECT_THAT(list_tree(image()), testing::ElementsAre("checkpoint.img"));
  }

  std::vector<std::string> before_;
};

TEST_P(RestoreFaults, LeaveNothing) {
  make_image(GetParam().workload);
  before_ = list_tree(bundle_->directory());
  for (const std::string point : kPoints) {
    SCOPED_TRACE(point);
    const auto finished = run_with_fault(restore_arguments(), point + "=" + GetParam().action);
    if (GetParam().action == "fail") {
      EXPECT_EQ(finished.status, 1);
      EXPECT_THAT(runtime().log(), testing::HasSubstr("fault point " + point));
    } else {
      EXPECT_EQ(finished.status, 128 + SIGKILL);
    }
    expect_nothing();
    if (HasFailure()) return;
  }
  restore_container("c1", *bundle_, image(), new_stdio());
  expect_verified();
}

std::vector<RestoreCase> all_cases() {
  std::vector<RestoreCase> cases;
  for (const char* workload : {"memory_pattern", "threads", "process_tree", "eventfds", "memfds"}) {
    for (const char* action : {"fail", "kill"}) cases.push_back({workload, action});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, RestoreFaults, testing::ValuesIn(all_cases()), [](const auto& one) {
  return one.param.workload + (one.param.action == "fail" ? "_failure" : "_killed");
});

class KilledRestore : public RestoreFaults {
 protected:
  // It is a fork of the command, and shows the command's arguments.
  static void wait_for_guardian() {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (has_guardian()) {
      if (std::chrono::steady_clock::now() > end) give_up("the guardian does not end");
      std::this_thread::yield();
    }
  }

 private:
  static bool has_guardian() {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      if (read_file(entry.path() / "cmdline").find("--pid-file") != std::string::npos) return true;
    }
    return false;
  }
};

// The fault points stand where nothing is half done; this hits what lies between them.
TEST_P(KilledRestore, AtRandomTimesIsAllOrNothing) {
  make_image(GetParam().workload);
  before_ = list_tree(bundle_->directory());
  const auto begin = std::chrono::steady_clock::now();
  restore_container("c1", *bundle_, image(), new_stdio());
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  expect_success({"delete", "--force", "c1"});
  const auto seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}, whole {} us", seed, whole.count()));
  std::minstd_rand random(seed);
  std::uniform_int_distribution<std::int64_t> delay(0, whole.count());
  for (int i = 0; i < kKills && !HasFailure(); ++i) {
    const std::chrono::microseconds after(delay(random));
    SCOPED_TRACE(fmt::format("kill {} after {} us", i, after.count()));
    {
      const auto ends = new_stdio().take_other_ends();
      Program command = runtime().start(restore_arguments(), ends);
      std::this_thread::sleep_for(after);
      kill(command.pid(), SIGKILL);
      command.wait();
    }
    // The guardian has the same pipes: their end comes once it has cleaned up, or, when the
    // container was complete in time, with the container's.
    stdio_->write("v");
    // A container that was being let go may have answered before its guardian ends it.
    if (stdio_->next_line() == "ok") {
      wait_for_guardian();
      if (exists(directory() + "/root/c1")) {
        EXPECT_EQ(container_status("c1"), "running");
        expect_success({"delete", "--force", "c1"});
        std::filesystem::remove(pid_file());
      }
    }
    stdio_->read_to_end();
    expect_nothing();
  }
}

INSTANTIATE_TEST_SUITE_P(All, KilledRestore,
                         testing::Values(RestoreCase{"process_tree", "kill"},
                                         RestoreCase{"threads", "kill"}),
                         [](const auto& one) { return one.param.workload; });

}  // namespace
}  // namespace stasis::test
