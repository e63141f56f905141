// Every workload without a checkpoint: one that is wrong itself must fail here.
#include <sys/mount.h>

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

class Workloads : public ContainerTest, public testing::WithParamInterface<WorkloadCase> {};

TEST_P(Workloads, VerifiesItself) {
  // In a root directory of its own, so that it leaves no files elsewhere.
  Bundle bundle(directory() + "/bundle");
  prepare_workload(bundle, GetParam());
  const std::string root = bundle.rootfs();
  ASSERT_EQ(mount("proc", (root + "/proc").c_str(), "proc", 0, nullptr), 0);
  ASSERT_EQ(mount("/dev", (root + "/dev").c_str(), nullptr, MS_BIND | MS_REC, nullptr), 0);
  ASSERT_EQ(mount("tmpfs", (root + "/dev/shm").c_str(), "tmpfs", 0, nullptr), 0);
  Pipes stdio;
  Program program({"chroot", root, "/bin/workload", GetParam().name}, {}, stdio.take_other_ends());
  EXPECT_EQ(stdio.next_line(), "ready");
  for (int round = 0; round < 3; ++round) {
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }
  stdio.close_input();
  EXPECT_EQ(program.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(All, Workloads, testing::ValuesIn(all_workloads()),
                         [](const auto& one) { return one.param.name; });

TEST(WorkloadTable, NamesEveryWorkload) {
  const Finished listed = run_program({Runtime::built("workload")});
  const auto lines = split_lines(listed.out);
  std::set<std::string> named;
  for (const WorkloadCase& one : all_workloads()) named.insert(one.name);
  // These have tests of their own: huge_pages_test.cc, tcp_peer_test.cc, refused_test.cc of
  // engine/.
  named.insert({"huge_pages", "tcp_client", "unix_early_data"});
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()), named);
}

}  // namespace
}  // namespace stasis::test
