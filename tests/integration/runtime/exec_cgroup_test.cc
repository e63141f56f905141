// stasis exec --cgroup: the process starts in a sub-cgroup of the container's.
#include <sys/stat.h>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class ExecCgroup : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/sleep", "1000"});
    bundle_->config["linux"]["cgroupsPath"] = "/box";
    start_container("c1", *bundle_, stdio_);
  }
  std::string memberships(const std::vector<std::string>& flags) const {
    std::vector<std::string> words{"exec"};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {"c1", "cat", "/proc/self/cgroup"});
    return expect_success(words).out;
  }
  void expect_refused(const std::string& value, const std::string& why) const {
    EXPECT_EQ(runtime().run({"exec", "--cgroup", value, "c1", "true"}).status, 255);
    EXPECT_THAT(runtime().log(), HasSubstr(why));
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

TEST_F(ExecCgroup, IsOfTheHierarchyThatIsNamed) {
  ASSERT_EQ(mkdir("/sys/fs/cgroup/pids/box/inner", 0755), 0);
  const std::string found = memberships({"--cgroup", "pids:inner"});
  EXPECT_THAT(found, ContainsRegex(":pids:/box/inner\n"));
  EXPECT_THAT(found, ContainsRegex(":memory:/box\n"));
  EXPECT_THAT(memberships({}), Not(HasSubstr("inner")));
}

TEST_F(ExecCgroup, MustExistInside) {
  expect_refused("pids:none",
                 "--cgroup: 'pids:none': there is no cgroup '/sys/fs/cgroup/pids/box/none'");
  expect_refused("none", "--cgroup: 'none': there is no cgroup");
  expect_refused("gpu:inner", "--cgroup: 'gpu:inner': no hierarchy has such a controller");
  expect_refused("../other", "--cgroup: '../other' leads out of the container's cgroup");
}

}  // namespace
}  // namespace stasis::test
