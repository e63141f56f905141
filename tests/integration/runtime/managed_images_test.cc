// Image directories of podman and CRI-O, which say by an annotation that a container is theirs.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ManagedImages : public ContainerTest {
 protected:
  void start(const std::string& manager) {
    Bundle bundle = make_bundle();
    bundle.add_file(Runtime::built("workload"), "/bin/workload");
    bundle.set_arguments({"/bin/workload", "pipes"});
    bundle.config["annotations"]["io.container.manager"] = manager;
    bundle.save();
    start_container("c1", bundle, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
  }
  std::string image() const { return directory() + "/image"; }
  std::string image_file() const { return read_file(image() + "/checkpoint.img"); }
  Finished checkpoint(const RunOptions& options = {}) const {
    return runtime().run({"checkpoint", "--leave-running", "--image-path", image(), "c1"}, options);
  }

 private:
  Pipes stdio_;
};

TEST_F(ManagedImages, HaveTheNameThatTheManagerLooksFor) {
  start("libpod");
  ASSERT_EQ(checkpoint().status, 0) << runtime().log();
  EXPECT_THAT(list_tree(image()), ElementsAre("checkpoint.img", "inventory.img"));
  EXPECT_EQ(std::filesystem::read_symlink(image() + "/inventory.img"), "checkpoint.img");
}

TEST_F(ManagedImages, AreReplacedByTheNextOne) {
  start("cri-o");
  ASSERT_EQ(checkpoint().status, 0) << runtime().log();
  const std::string first = image_file();
  ASSERT_EQ(checkpoint().status, 0) << runtime().log();
  EXPECT_FALSE(image_file() == first);
  EXPECT_THAT(list_tree(image()), ElementsAre("checkpoint.img", "inventory.img"));
  EXPECT_EQ(runtime().run({"verify", image()}).status, 0);
}

TEST_F(ManagedImages, StayWhenTheNextOneComesToNothing) {
  start("libpod");
  ASSERT_EQ(checkpoint().status, 0) << runtime().log();
  const std::string first = image_file();
  EXPECT_EQ(checkpoint({.environment = {"STASIS_FAULT=checkpoint.saved_pages=fail"}}).status, 1);
  EXPECT_TRUE(image_file() == first);
  EXPECT_THAT(list_tree(image()), ElementsAre("checkpoint.img", "inventory.img"));
}

TEST_F(ManagedImages, AreOnlyThoseOfManagersThatOwnThem) {
  start("somebody else");
  ASSERT_EQ(checkpoint().status, 0) << runtime().log();
  EXPECT_THAT(list_tree(image()), ElementsAre("checkpoint.img"));
  EXPECT_EQ(checkpoint().status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("checkpoint.img' exists already"));
}

}  // namespace
}  // namespace stasis::test
