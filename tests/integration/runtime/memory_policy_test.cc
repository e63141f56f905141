// linux.memoryPolicy, as /proc/self/numa_maps shows it.
#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class MemoryPolicy : public BusyboxTest {
 protected:
  nlohmann::json& policy() { return bundle().config["linux"]["memoryPolicy"]; }
  // "default", "interleave:0" ...
  static constexpr const char* kShow = "head -n 1 /proc/self/numa_maps | cut -d ' ' -f 2";
};

TEST_F(MemoryPolicy, IsOfPidOneAndOfExec) {
  policy() = {{"mode", "MPOL_INTERLEAVE"}, {"nodes", "0"}};
  EXPECT_EQ(output(kShow), "interleave:0\n");
  policy() = {{"mode", "MPOL_BIND"}, {"nodes", "0"}, {"flags", {"MPOL_F_STATIC_NODES"}}};
  EXPECT_EQ(output(kShow), "bind=static:0\n");
  start_sleeper();
  EXPECT_EQ(exec_output({}, kShow), "bind=static:0\n");
}

TEST_F(MemoryPolicy, TakesModesWithoutNodes) {
  policy() = {{"mode", "MPOL_LOCAL"}};
  EXPECT_EQ(output(kShow), "local\n");
}

TEST_F(MemoryPolicy, TellsOfNodesThatAreNotThere) {
  policy() = {{"mode", "MPOL_BIND"}, {"nodes", "1000"}};
  EXPECT_THAT(refusal(), HasSubstr("linux.memoryPolicy: the kernel does not know this mode with "
                                   "these flags, or the cgroup's cpuset has none of the nodes: "
                                   "set_mempolicy 0x2: EINVAL"));
}

}  // namespace
}  // namespace stasis::test
