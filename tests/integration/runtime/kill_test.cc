// stasis kill, where a container has the host's pid namespace or has ended; the cgroup driver.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class Kill : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->config["linux"]["cgroupsPath"] = "/box";
    bundle_->set_arguments({"/bin/sh", "-c", "sleep 1000 & echo ready; wait"});
  }
  void share_pids() {
    auto& all = bundle_->config["linux"]["namespaces"];
    for (auto one = all.begin(); one != all.end(); ++one) {
      if ((*one)["type"] == "pid") {
        all.erase(one);
        return;
      }
    }
  }
  static std::string processes() { return read_file("/sys/fs/cgroup/pids/box/cgroup.procs"); }
  void wait_for_no_process() const {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (!processes().empty() && std::chrono::steady_clock::now() < end) {
    }
    EXPECT_EQ(processes(), "");
  }

  std::unique_ptr<Bundle> bundle_;
};

// The kernel ends a pid namespace with its first process; here there is none to end.
TEST_F(Kill, ReachesAllProcessesWhereTheHostsPidsAreShared) {
  share_pids();
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  expect_success({"kill", "c1", "KILL"});
  wait_for_no_process();
  EXPECT_EQ(container_status("c1"), "stopped");
}

TEST_F(Kill, OfAStoppedContainerFailsButForAll) {
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  expect_success({"kill", "--all", "c1", "9"});
  wait_for_no_process();
  EXPECT_EQ(runtime().run({"kill", "c1", "SIGTERM"}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("container not running"));
  expect_success({"kill", "--all", "c1", "KILL"});
}

TEST_F(Kill, TheSystemdDriverIsRefusedWithASentence) {
  const Finished refused = runtime().run({"--systemd-cgroup", "kill", "c1"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("set the engine's cgroup driver to cgroupfs"));
}

}  // namespace
}  // namespace stasis::test
