// Checkpoint, restore, checkpoint, restore ...: nothing may wear off.
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

constexpr int kRounds = 20;

class Rounds : public ContainerTest, public testing::WithParamInterface<const char*> {};

TEST_P(Rounds, LeaveItAsItWas) {
  Bundle bundle = make_bundle();
  prepare_workload(bundle, WorkloadCase{.name = GetParam()});
  auto stdio = std::make_unique<Pipes>();
  start_container("c1", bundle, *stdio);
  ASSERT_EQ(stdio->next_line(), "ready");
  // What the program allocates when it looks at its state, and keeps, is there before sizes are
  // compared. (The C library takes larger blocks from its heap only from the second time on.)
  for (int look = 0; look < 2; ++look) {
    stdio->write("v");
    ASSERT_EQ(stdio->next_line(), "ok");
  }
  std::uintmax_t first_size = 0;
  for (int round = 1; round <= kRounds && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    const std::string image = directory() + "/image" + std::to_string(round);
    checkpoint_container("c1", image);
    stdio = std::make_unique<Pipes>();
    restore_container("c1", bundle, image, *stdio);
    stdio->write("v");
    ASSERT_EQ(stdio->next_line(), "ok");
    const auto size = std::filesystem::file_size(image + "/checkpoint.img");
    if (round == 1) first_size = size;
    EXPECT_LT(size, first_size + first_size / 10 + 65536) << "the image grows";
    std::filesystem::remove_all(image);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Rounds,
                         testing::Values("memory_pattern", "threads", "process_tree", "pipes",
                                         "signals_pending", "copy_on_write", "clocks"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace stasis::test
