// apply_limits() on trees of ordinary files: machines with v1, v2 or both.
#include <gtest/gtest.h>

#include "cgroup/resources.h"
#include "cgroup/v2_controllers.h"
#include "unit/cgroup/cgroup_tree.h"

namespace stasis::cgroup {
namespace {

class ApplyLimits : public CgroupTree {
 protected:
  // "" when it succeeds.
  std::string apply(const Limits& limits) const {
    const auto cgroup = ContainerCgroup::open(record_);
    const auto applied = apply_limits(limits, *cgroup, hierarchies_);
    return applied ? "" : applied.error().message();
  }
};

TEST_F(ApplyLimits, WritesToTheV2Files) {
  add_v2("cpu memory pids", "cpu memory pids");
  for (const char* file : {"memory.max", "memory.swap.max", "pids.max"}) {
    write(std::string("v2/c/") + file, "max");
  }
  write("v2/c/cpu.max", "max 100000");
  Limits limits;
  limits.memory.limit = 1 << 20;
  limits.memory.swap = 3 << 20;
  limits.pids = 7;
  limits.cpu.quota = 12345;
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("v2/c/memory.max"), "1048576");
  EXPECT_EQ(read("v2/c/memory.swap.max"), "2097152");
  EXPECT_EQ(read("v2/c/pids.max").substr(0, 1), "7");
  EXPECT_EQ(read("v2/c/cpu.max").substr(0, 5), "12345");
  EXPECT_EQ(read("v2/cgroup.subtree_control"), "cpu memory pids\n");
}

TEST_F(ApplyLimits, EnablesTheControllerThatALimitNeeds) {
  add_v2("cpu memory pids", "");
  write("v2/c/pids.max", "");
  Limits limits;
  limits.pids = 7;
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("v2/cgroup.subtree_control").substr(0, 5), "+pids");
}

TEST_F(ApplyLimits, TakesEachControllerFromTheHierarchyThatHasIt) {
  add_v1("memory");
  add_v2("hugetlb", "hugetlb");
  write("memory/c/memory.limit_in_bytes", "");
  write("v2/c/hugetlb.2MB.max", "");
  Limits limits;
  limits.memory.limit = 4096;
  limits.hugepages = {{"2MB", 2097152}};
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("memory/c/memory.limit_in_bytes"), "4096");
  EXPECT_EQ(read("v2/c/hugetlb.2MB.max"), "2097152");
}

TEST_F(ApplyLimits, NamesTheMemberAndTheMissingController) {
  add_v2("memory", "memory");
  Limits limits;
  limits.pids = 7;
  EXPECT_EQ(apply(limits),
            "pids.limit: needs the 'pids' cgroup controller, which is not mounted here");
  limits = {};
  limits.network_class = 7;
  EXPECT_EQ(apply(limits),
            "network.classID: needs the 'net_cls' cgroup controller, which is not mounted here");
}

TEST_F(ApplyLimits, TellsACgroupThatCouldNotBeMadeFromAMissingController) {
  add_v1("memory");
  add_v2("pids", "pids");
  record_.directories.clear();
  const std::string rest =
      " cgroup controller, of which the container has no cgroup: without root's rights none can be "
      "made, unless the parent cgroup is given away";
  Limits limits;
  limits.pids = 7;
  EXPECT_EQ(apply(limits), "pids.limit: needs the 'pids'" + rest);
  limits = {};
  limits.memory.limit = 4096;
  EXPECT_EQ(apply(limits), "memory.limit: needs the 'memory'" + rest);
}

TEST_F(ApplyLimits, RefusesUnifiedOnPureV1) {
  add_v1("memory");
  Limits limits;
  limits.unified = {{"memory.high", "1"}};
  EXPECT_EQ(apply(limits), "unified.memory.high: needs cgroup v2, which is not mounted here");
}

TEST_F(ApplyLimits, WritesUnifiedToV2Only) {
  add_v1("memory");
  add_v2("", "");
  write("memory/c/memory.high", "");
  write("v2/c/cgroup.max.depth", "");
  Limits limits;
  limits.unified = {{"cgroup.max.depth", "3"}};
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("v2/c/cgroup.max.depth"), "3");
  limits.unified = {{"memory.high", "1"}};
  EXPECT_EQ(apply(limits),
            "unified.memory.high: needs the 'memory' cgroup controller, which is not mounted here");
  EXPECT_EQ(read("memory/c/memory.high"), "");
}

TEST_F(ApplyLimits, UsesTheOtherFileOfAnotherKernel) {
  add_v2("io", "io");
  write("v2/c/io.weight", "");
  Limits limits;
  limits.block_io.weight = 1000;
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("v2/c/io.weight"), "10000");
}

TEST_F(ApplyLimits, NamesAFileThatTheKernelDoesNotHave) {
  add_v2("hugetlb", "hugetlb");
  Limits limits;
  limits.hugepages = {{"3MB", 1}};
  EXPECT_EQ(apply(limits),
            "hugepageLimits: this kernel's 'hugetlb' controller has no file 'hugetlb.3MB.max'");
}

TEST_F(ApplyLimits, KeepsWhatItIsNotTold) {
  add_v2("cpu memory", "cpu memory");
  write("v2/c/cpu.max", "20000 50000\n");
  write("v2/c/memory.max", "1048576\n");
  write("v2/c/memory.swap.max", "3145728\n");
  Limits limits;
  limits.cpu.period = 40000;
  limits.memory.limit = 2097152;
  EXPECT_EQ(apply(limits), "");
  EXPECT_EQ(read("v2/c/cpu.max"), "20000 40000\n");
  EXPECT_EQ(read("v2/c/memory.max"), "2097152\n");
  EXPECT_EQ(read("v2/c/memory.swap.max"), "2097152\n");
}

TEST_F(ApplyLimits, EnablesEveryControllerDownToTheContainer) {
  write("v2/cgroup.controllers", "cpu\n");
  write("v2/cgroup.subtree_control", "");
  write("v2/a/cgroup.controllers", "cpu io\n");
  write("v2/a/cgroup.subtree_control", "io\n");
  const Hierarchy v2{Version::kV2, {}, root_ + "/v2", "/", "/"};
  ASSERT_TRUE(enable_v2_controllers(v2, root_ + "/v2/a/c"));
  EXPECT_EQ(read("v2/cgroup.subtree_control"), "+cpu");
  EXPECT_EQ(read("v2/a/cgroup.subtree_control"), "+cpu");
}

}  // namespace
}  // namespace stasis::cgroup
