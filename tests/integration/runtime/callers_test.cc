// What engines look at in the runtime's output, beyond exit statuses: the words that containerd's
// shim and dockerd search for, where they search for them, and flags as Go programs write them.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Callers : public ContainerTest {
 protected:
  Bundle workload_bundle(const std::string& workload) const {
    Bundle bundle = make_bundle();
    bundle.add_file(Runtime::built("workload"), "/bin/workload");
    bundle.set_arguments({"/bin/workload", workload});
    bundle.save();
    return bundle;
  }
};

TEST_F(Callers, FindTheErrorOnStandardErrorAndInTheLog) {
  const Finished finished = runtime().run({"delete", "nobody"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.err, "container 'nobody' does not exist\n");
  EXPECT_THAT(runtime().log(), HasSubstr("level=error msg=\"container 'nobody' does not exist\""));
}

TEST_F(Callers, FindUsageErrorsInTheLog) {
  const Finished finished = runtime().run({"delete"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, StartsWith("Incorrect Usage: container-id is required\n"));
  EXPECT_THAT(runtime().log(), HasSubstr("msg=\"Incorrect Usage: container-id is required\""));
}

TEST_F(Callers, LearnThatAContainerHasEnded) {
  Pipes stdio;
  start_container("ended", workload_bundle("none of that name"), stdio);
  stdio.read_to_end();
  EXPECT_EQ(runtime().run({"exec", "ended", "true"}).status, 255);
  EXPECT_EQ(runtime().run({"kill", "ended", "9"}).err, "container not running: 'ended'\n");
}

TEST_F(Callers, MayWriteLongFlagsWithOneDash) {
  // --image-path and its value, a flag without one, and one with an equals sign.
  const Finished finished = runtime().run(
      {"restore", "-image-path", "/nowhere", "-no-subreaper", "-bundle=/nowhere", "restored"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, HasSubstr("/nowhere"));
  EXPECT_EQ(runtime().run({"restore", "-no-such-flag", "restored"}).status, 2);
}

TEST_F(Callers, LearnThatAFlagExistsWhenItNeedsAnArgument) {
  const Finished finished = runtime().run({"restore", "--image-path"});
  EXPECT_EQ(finished.status, 2);
  EXPECT_THAT(finished.err, StartsWith("Incorrect Usage: flag needs an argument: -image-path\n"));
}

TEST_F(Callers, OneDashIsTheProgramsOwnInExec) {
  Pipes stdio;
  start_container("one", workload_bundle("pipes"), stdio);
  const Finished finished = runtime().run({"exec", "-cwd", "/", "one", "-cwd"});
  EXPECT_EQ(finished.status, 255);
  EXPECT_EQ(finished.err, "exec -cwd: executable file not found in $PATH\n");
}

TEST_F(Callers, LearnWhyAProgramCannotBeRun) {
  Bundle bundle = workload_bundle("pipes");
  bundle.set_arguments({"/bin"});
  bundle.save();
  const Finished finished = runtime().run({"create", "--bundle", bundle.directory(), "directory"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.err, "exec /bin: permission denied: is a directory\n");
}

}  // namespace
}  // namespace stasis::test
