// Every workload alone, without a container: a workload that is wrong itself must fail here.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/files.h"
#include "integration/support/program.h"
#include "integration/support/runtime.h"

namespace stasis::test {
namespace {

TEST(Sandbox, HasItsOwnProcessesAndCgroups) {
  EXPECT_EQ(getpid(), 2);
  EXPECT_THAT(read_file("/proc/self/cgroup"), testing::Not(testing::HasSubstr("stasis-test-")));
  EXPECT_THAT(list_tree("/run"), testing::IsEmpty());
}

}  // namespace
}  // namespace stasis::test
