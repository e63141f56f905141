#include "base/rollback.h"

#include <gtest/gtest.h>

namespace stasis {
namespace {

TEST(Rollback, RunsBackwardsUnlessCommitted) {
  std::string order;
  {
    Rollback undo;
    undo.push([&order] { order += "a"; });
    undo.push([&order] { order += "b"; });
  }
  EXPECT_EQ(order, "ba");
  {
    Rollback undo;
    undo.push([&order] { order += "c"; });
    undo.commit();
  }
  EXPECT_EQ(order, "ba");
}

TEST(Rollback, MovedFromDoesNothing) {
  int runs = 0;
  {
    Rollback first;
    first.push([&runs] { ++runs; });
    Rollback second(std::move(first));
  }
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace stasis
