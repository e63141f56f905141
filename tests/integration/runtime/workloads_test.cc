// Every workload in a container: it must find there what it needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

class Containers : public ContainerTest, public testing::WithParamInterface<WorkloadCase> {};

TEST_P(Containers, RunTheWorkload) {
  Bundle bundle = make_bundle();
  prepare_workload(bundle, GetParam());
  Pipes stdio;
  start_container("c1", bundle, stdio);
  EXPECT_EQ(stdio.next_line(), "ready");
  for (int round = 0; round < 3; ++round) {
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }
}

INSTANTIATE_TEST_SUITE_P(All, Containers, testing::ValuesIn(all_workloads()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace stasis::test
