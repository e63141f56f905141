// Memory in huge pages. The machine sets some aside for the time of the test.
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

constexpr const char* kCount = "/proc/sys/vm/nr_hugepages";

long read_count() {
  long count = 0;
  std::ifstream(kCount) >> count;
  return count;
}

class HugePages : public ContainerTest {
 protected:
  // For the container and one more that is restored beside it.
  static constexpr long kWanted = 6;

  void SetUp() override {
    ContainerTest::SetUp();
    before_ = read_count();
    std::ofstream(kCount) << before_ + kWanted;
    if (read_count() < before_ + kWanted) GTEST_SKIP() << "no huge pages to be had";
    bundle_ = std::make_unique<Bundle>(make_bundle());
    prepare_workload(*bundle_, {.name = "huge_pages"});
    start_container("c1", *bundle_, original_);
    ASSERT_EQ(original_.next_line(), "ready");
  }
  void TearDown() override {
    ContainerTest::TearDown();
    std::ofstream(kCount) << before_;
  }
  static void expect_ok(Pipes& stdio) {
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }

  long before_ = 0;
  std::unique_ptr<Bundle> bundle_;
  Pipes original_;
};

// One case, as the number of huge pages is the machine's: cases run side by side.
TEST_F(HugePages, ComeBackAndAreAskedForWhereThereAreNone) {
  const std::string image = directory() + "/image";
  checkpoint_container("c1", image, {"--leave-running"});
  expect_ok(original_);
  Pipes beside;
  restore_container("c2", *bundle_, image, beside);
  expect_ok(beside);

  expect_success({"delete", "--force", "c1"});
  expect_success({"delete", "--force", "c2"});
  std::ofstream(kCount) << before_;
  const Finished failed = runtime().run(
      {"restore", "--detach", "--image-path", image, "--bundle", bundle_->directory(), "c1"});
  EXPECT_NE(failed.status, 0);
  EXPECT_NE(runtime().log().find("wants free huge pages: see vm.nr_hugepages"), std::string::npos)
      << runtime().log();
}

}  // namespace
}  // namespace stasis::test
