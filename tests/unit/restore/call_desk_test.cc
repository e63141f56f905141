#include "restore/call_desk.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace stasis::restore {
namespace {

TEST(CallDesk, RunsCallsInTheThreadThatServes) {
  CallDesk desk;
  const auto here = std::this_thread::get_id();
  std::vector<int> order;
  std::thread worker([&] {
    for (int call = 0; call < 100; ++call) {
      desk.ask([&] {
        EXPECT_EQ(std::this_thread::get_id(), here);
        order.push_back(call);
      });
      // The call has been run when ask() returns.
      EXPECT_EQ(order.size(), static_cast<std::size_t>(call) + 1);
    }
    desk.close();
  });
  desk.serve();
  worker.join();
  EXPECT_EQ(order.size(), 100U);
}

TEST(CallDesk, ServesAgainAfterItWasClosed) {
  CallDesk desk;
  for (int round = 0; round < 3; ++round) {
    bool ran = false;
    std::thread worker([&] {
      if (round != 1) desk.ask([&] { ran = true; });
      desk.close();
    });
    desk.serve();
    worker.join();
    EXPECT_EQ(ran, round != 1);
  }
}

}  // namespace
}  // namespace stasis::restore
