// IPC objects that cannot be saved or put back. What can: the workloads sysv_shm, sysv_sem,
// sysv_msg.
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class IpcObjects : public ContainerTest {
 protected:
  Bundle workload_bundle(const std::string& name) const {
    Bundle bundle = make_bundle();
    prepare_workload(bundle, {.name = name});
    return bundle;
  }

  // The container uses the IPC namespace of the runtime.
  static void share_namespace(Bundle& bundle) {
    auto& namespaces = bundle.config["linux"]["namespaces"];
    namespaces.erase(std::remove_if(namespaces.begin(), namespaces.end(),
                                    [](const auto& one) { return one["type"] == "ipc"; }),
                     namespaces.end());
  }

  // Runs `work` in a child process in the container's IPC namespace; true when it says so.
  bool in_namespace(const std::function<bool()>& work) const {
    const pid_t child = fork();
    if (child == 0) {
      const int ns = open(fmt::format("/proc/{}/ns/ipc", container_pid("c1")).c_str(), O_RDONLY);
      _exit(setns(ns, CLONE_NEWIPC) == 0 && work() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status == 0;
  }

  void expect_refused(Pipes& stdio, const std::string& why) const {
    const Finished refused =
        runtime().run({"checkpoint", "--image-path", directory() + "/refused", "c1"});
    EXPECT_NE(refused.status, 0);
    EXPECT_THAT(refused.err + runtime().log(), HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(directory() + "/refused/checkpoint.img"));
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }

  std::string image() const { return directory() + "/image"; }
};

TEST_F(IpcObjects, PosixMessageQueuesAreRefused) {
  const Bundle bundle = workload_bundle("pipes");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  ASSERT_TRUE(in_namespace([] { return mq_open("/jobs", O_CREAT | O_RDWR, 0600, nullptr) >= 0; }));
  expect_refused(stdio, "a POSIX message queue, '/jobs'");
  ASSERT_TRUE(in_namespace([] { return mq_unlink("/jobs") == 0; }));
  checkpoint_container("c1", image());
}

TEST_F(IpcObjects, SegmentsOfASharedNamespaceAreRefused) {
  Bundle bundle = workload_bundle("sysv_shm");
  share_namespace(bundle);
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  expect_refused(stdio, "of an IPC namespace that others use too");
}

TEST_F(IpcObjects, NothingIsPutIntoANamespaceThatIsInUse) {
  Bundle bundle = workload_bundle("sysv_sem");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", image());

  const int own = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
  ASSERT_GE(own, 0);
  share_namespace(bundle);
  bundle.save();
  const Finished refused = runtime().run(
      {"restore", "--detach", "--bundle", bundle.directory(), "--image-path", image(), "c1"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err + runtime().log(),
              HasSubstr("the IPC namespace has 1 System V objects already"));
  semid_ds status{};
  EXPECT_EQ(semctl(own, 0, IPC_STAT, &status), 0);
  EXPECT_EQ(semctl(own, 0, IPC_RMID), 0);
}

}  // namespace
}  // namespace stasis::test
