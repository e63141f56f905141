#include "restore/semaphore_undo.h"

#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

model::Ipc make_ipc(std::uint16_t value, std::int32_t adjustment) {
  model::Ipc ipc;
  ipc.semaphores.push_back(
      {.permissions = {.id = 9}, .values = {0, value}, .last_pids = {NsPid{0}, NsPid{4}}});
  ipc.undo.push_back({.process = NsPid{3}, .set = 0, .number = 1, .adjustment = adjustment});
  return ipc;
}

TEST(PlanUndoSteps, ReachesTheAdjustmentWithoutLeavingTheRange) {
  for (const int value : {0, 1, 7, 16383, 16384, 32766, 32767}) {
    for (const int adjustment : {-32767, -16384, -3, 1, 3, 16383, 20000, 32767}) {
      int undone = 0;
      for (const auto& step :
           plan_undo_steps(make_ipc(static_cast<std::uint16_t>(value), adjustment))) {
        EXPECT_EQ(step.process, NsPid{3});
        EXPECT_EQ(step.id, 9);
        int now = value;
        for (const sembuf& one : step.operations) {
          EXPECT_EQ(one.sem_num, 1);
          EXPECT_NE(one.sem_op, 0);
          now += one.sem_op;
          EXPECT_GE(now, 0);
          EXPECT_LE(now, 32767);
          if ((one.sem_flg & SEM_UNDO) != 0) undone -= one.sem_op;
        }
        EXPECT_EQ(now, value);
      }
      EXPECT_EQ(undone, adjustment);
    }
  }
}

TEST(PlanLastChanges, IsForThoseWhoAreKnown) {
  const auto steps = plan_last_changes(make_ipc(32767, 1));
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].process, NsPid{4});
  ASSERT_EQ(steps[0].operations.size(), 2U);
  EXPECT_EQ(steps[0].operations[0].sem_op, -1);
  EXPECT_EQ(steps[0].operations[1].sem_op, 1);
}

}  // namespace
}  // namespace stasis::restore
