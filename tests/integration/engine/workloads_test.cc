// Every kind of state across a checkpoint: the workload of that kind says itself whether all is as
// it was (tests/workloads).
#include <filesystem>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

class Engine : public ContainerTest, public testing::WithParamInterface<WorkloadCase> {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    prepare_workload(*bundle_, GetParam());
    start_container("c1", *bundle_, original_);
    ASSERT_EQ(original_.next_line(), "ready");
  }

  static void expect_ok(Pipes& stdio) {
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }

  std::vector<std::string> flags(std::vector<std::string> more = {}) const {
    const auto& own = GetParam().checkpoint_flags;
    more.insert(more.end(), own.begin(), own.end());
    return more;
  }

  std::string image(int number = 1) const {
    return directory() + "/image" + std::to_string(number);
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes original_;
};

TEST_P(Engine, LeavesItRunningAsItWas) {
  const pid_t pid = container_pid("c1");
  checkpoint_container("c1", image(), flags({"--leave-running"}));
  EXPECT_EQ(container_status("c1"), "running");
  EXPECT_EQ(container_pid("c1"), pid);
  expect_ok(original_);
}

TEST_P(Engine, RestoresItAsItWas) {
  checkpoint_container("c1", image(), flags());
  expect_gone("c1");
  Pipes stdio;
  restore_container("c1", *bundle_, image(), stdio);
  expect_ok(stdio);
  expect_ok(stdio);
  checkpoint_container("c1", image(2), flags());

  Pipes second;
  restore_container("c2", *bundle_, image(), second);
  expect_ok(second);
  // Both would have the same root filesystem: one fifo, one lock, one name of a socket.
  expect_success({"delete", "--force", "c2"});
  Pipes third;
  restore_container("c3", *bundle_, image(2), third);
  expect_ok(third);
}

// The image of a container that ran on is as good as any, and not touched by what it did since.
TEST_P(Engine, RestoresWhatWasLeftRunning) {
  checkpoint_container("c1", image(), flags({"--leave-running"}));
  expect_ok(original_);
  expect_success({"delete", "--force", "c1"});
  Pipes stdio;
  restore_container("c1", *bundle_, image(), stdio);
  expect_ok(stdio);
}

INSTANTIATE_TEST_SUITE_P(All, Engine, testing::ValuesIn(all_workloads()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace stasis::test
