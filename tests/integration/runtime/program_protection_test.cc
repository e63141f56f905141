// What a container can reach of the runtime itself: its program file, its descriptors.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <gmock/gmock.h>

#include "base/unique_fd.h"
#include "integration/support/container_test.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

class ProgramProtection : public ContainerTest {
 protected:
  // A program of the test's own: a file that anybody executes cannot be opened for writing.
  void SetUp() override {
    ContainerTest::SetUp();
    const std::string copy = directory() + "/stasis";
    std::filesystem::copy_file(Runtime::built("stasis"), copy);
    setenv("STASIS_BINARY", copy.c_str(), 1);
  }
  void TearDown() override {
    ContainerTest::TearDown();
    unsetenv("STASIS_BINARY");
  }
  Bundle sleeping_bundle() {
    Bundle bundle = make_bundle();
    bundle.add_file(Runtime::built("workload"), "/bin/workload");
    bundle.set_arguments({"/bin/workload", "sleeping"});
    return bundle;
  }
  // What /proc/PID/exe of the runtime's process in the container refers to.
  UniqueFd program_of_created(const std::string& id, const Bundle& bundle) {
    bundle.save();
    will_delete(id);
    Program create =
        runtime().start({"create", "--bundle", bundle.directory(), id}, stdio_.take_other_ends());
    EXPECT_EQ(create.wait(), 0);
    const std::string exe = "/proc/" + std::to_string(container_pid(id)) + "/exe";
    return UniqueFd(open(exe.c_str(), O_RDONLY | O_CLOEXEC));
  }
  static int open_again_for_writing(const UniqueFd& file) {
    const std::string path = "/proc/self/fd/" + std::to_string(file.get());
    const UniqueFd opened(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return opened ? 0 : errno;
  }

 private:
  Pipes stdio_;  // of a container that is created
};

// CVE-2019-5736: a descriptor of the program, kept until nobody executes it, opened for writing.
TEST_F(ProgramProtection, TheProgramCannotBeWrittenToOnceItHasEnded) {
  const UniqueFd program = program_of_created("c1", sleeping_bundle());
  ASSERT_TRUE(program);
  delete_container("c1");
  EXPECT_EQ(open_again_for_writing(program), EROFS);
}

TEST_F(ProgramProtection, TheProgramItselfWouldBeWritable) {
  const UniqueFd program(open(Runtime::binary().c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(open_again_for_writing(program), 0) << "the test above shows nothing here";
}

TEST_F(ProgramProtection, AContainerThatRunsItsOwnExeGetsTheProtectedFile) {
  Bundle bundle = sleeping_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  // The version is printed by the runtime's program, executed inside.
  const Finished finished = expect_success({"exec", "c1", "/proc/self/exe", "--version"});
  EXPECT_THAT(finished.out, testing::HasSubstr("stasis"));
}

TEST_F(ProgramProtection, NoDescriptorsButTheStandardOnesAreInherited) {
  Bundle bundle = make_bundle();
  bundle.use_tree(find_tree("busybox"));
  bundle.set_arguments({"/bin/busybox", "ls", "/proc/self/fd"});
  bundle.save();
  // One of the caller's own that is not close-on-exec, as careless engines have.
  const UniqueFd careless(dup(0));
  ASSERT_TRUE(careless);
  const Finished ran = expect_success({"run", "--bundle", bundle.directory(), "c1"});
  EXPECT_EQ(ran.out, "0\n1\n2\n3\n");  // 3 is ls's own
}

TEST_F(ProgramProtection, ExecPassesNoDescriptorsOnEither) {
  Bundle bundle = make_bundle();
  bundle.use_tree(find_tree("busybox"));
  bundle.set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", bundle, stdio);
  const UniqueFd careless(dup(0));
  ASSERT_TRUE(careless);
  const Finished ran = expect_success({"exec", "c1", "/bin/busybox", "ls", "/proc/self/fd"});
  EXPECT_EQ(ran.out, "0\n1\n2\n3\n");
}

}  // namespace
}  // namespace stasis::test
