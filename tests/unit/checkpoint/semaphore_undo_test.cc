#include "checkpoint/semaphore_undo.h"

#include <sys/ipc.h>

#include <cerrno>

#include <gtest/gtest.h>

namespace stasis::checkpoint {
namespace {

constexpr int kMaxValue = 32767;

// What the kernel answers to a semop on one semaphore (ipc/sem.c, perform_atomic_semop_slow).
int answer(const std::vector<sembuf>& operations, int value, int adjustment) {
  for (const sembuf& one : operations) {
    if (one.sem_op == 0 && value != 0) return EAGAIN;
    value += one.sem_op;
    if (value < 0) return EAGAIN;
    if (value > kMaxValue) return ERANGE;
    if ((one.sem_flg & SEM_UNDO) == 0) continue;
    adjustment -= one.sem_op;
    if (adjustment < -kMaxValue - 1 || adjustment > kMaxValue) return ERANGE;
  }
  return 0;
}

TEST(MakeUndoQuestion, TellsWhetherTheSumIsOutOfRange) {
  for (const int value : {0, 1, 5, 16384, 32766, kMaxValue}) {
    for (const int adjustment : {-32768, -32767, -3, -1, 0, 1, 3, 20000, kMaxValue}) {
      for (const int sum : {1, 2, 32766, 32767, 32768, 32769, 65535, 65536}) {
        const auto question = make_undo_question(2, static_cast<std::uint16_t>(value),
                                                 static_cast<std::uint32_t>(sum));
        EXPECT_EQ(answer(question, value, adjustment),
                  adjustment + sum > kMaxValue ? ERANGE : EAGAIN)
            << "value " << value << " adjustment " << adjustment << " sum " << sum;
      }
    }
  }
}

TEST(MakeUndoQuestion, NeverWaits) {
  for (const sembuf& one : make_undo_question(7, 3, 40000)) {
    EXPECT_EQ(one.sem_num, 7);
    EXPECT_NE(one.sem_flg & IPC_NOWAIT, 0);
  }
}

}  // namespace
}  // namespace stasis::checkpoint
