// What cannot be saved is named, and the container goes on as if nothing had happened.
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

class Refused : public ContainerTest {
 protected:
  // Starts the workload as c1.
  void start(const std::string& workload) {
    Bundle bundle = make_bundle();
    prepare_workload(bundle, WorkloadCase{.name = workload});
    start_container("c1", bundle, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
  }
  // A checkpoint fails, says `why`, leaves no image, and the workload finds all as it was.
  void expect_refusal(const std::vector<std::string>& flags, const std::string& why) {
    std::vector<std::string> arguments{"checkpoint", "--image-path", directory() + "/image"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.push_back("c1");
    EXPECT_NE(runtime().run(arguments).status, 0);
    EXPECT_THAT(runtime().log(), testing::HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(directory() + "/image/checkpoint.img"));
    EXPECT_EQ(container_status("c1"), "running");
    expect_ok();
  }
  void expect_ok() {
    stdio_.write("v");
    EXPECT_EQ(stdio_.next_line(), "ok");
  }

  Pipes stdio_;
};

TEST_F(Refused, DataInAUnixConnectionThatNobodyHasAccepted) {
  start("unix_early_data");
  expect_refusal({},
                 "pid 1 (workload): fd 4: a unix connection with data in it that the server has "
                 "not accepted yet; try again in a moment");
  // Accepted meanwhile.
  checkpoint_container("c1", directory() + "/image", {"--leave-running"});
  expect_ok();
}

}  // namespace
}  // namespace stasis::test
