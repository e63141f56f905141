// Containers without a pid namespace of their own: their numbers are the host's.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

class HostPids : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"sh", "-c",
                            "sleep 1000 & job=$!; (sleep 1001 &); echo $$; "
                            "while read -r line; do eval \"$line\"; done"});
    auto& namespaces = bundle_->config["linux"]["namespaces"];
    pid_namespace_ = nlohmann::json{{"type", "pid"}};
    namespaces.erase(std::find(namespaces.begin(), namespaces.end(), pid_namespace_));
    start_container("c1", *bundle_, stdio_);
    pid_ = *stdio_.next_line();
    ASSERT_EQ(pid_, std::to_string(container_pid("c1")));
    checkpoint_container("c1", image());
  }
  std::string image() const { return directory() + "/image"; }
  void expect_refusal(const std::string& why) {
    bundle_->save();
    const Finished refused = runtime().run(
        {"restore", "--detach", "--image-path", image(), "--bundle", bundle_->directory(), "c1"});
    EXPECT_NE(refused.status, 0);
    EXPECT_THAT(refused.err + runtime().log(), testing::HasSubstr(why));
  }

  std::unique_ptr<Bundle> bundle_;
  nlohmann::json pid_namespace_;
  Pipes stdio_;
  std::string pid_;
};

TEST_F(HostPids, ComeBackWhenTheyAreFree) {
  Pipes restored;
  restore_container("c1", *bundle_, image(), restored);
  EXPECT_EQ(std::to_string(container_pid("c1")), pid_);
  restored.write("kill -0 $job && echo $$\n");
  EXPECT_EQ(restored.next_line(), pid_);
}

TEST_F(HostPids, AreRefusedWhenTheyAreInUse) {
  // The next process gets the number after this one (proc_sys_kernel(5)).
  write_file("/proc/sys/kernel/ns_last_pid", std::to_string(std::stoi(pid_) - 1));
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    pause();
    _exit(0);
  }
  // That one, or another of the container's when the kernel has not given it back yet.
  EXPECT_LE(child, std::stoi(pid_) + 2);
  expect_refusal(fmt::format("needs the number {} again, which is in use", child));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

TEST_F(HostPids, AreRefusedWithAPidNamespace) {
  bundle_->config["linux"]["namespaces"].push_back(pid_namespace_);
  expect_refusal("the container had no pid namespace of its own, and config.json gives it one");
}

}  // namespace
}  // namespace stasis::test
