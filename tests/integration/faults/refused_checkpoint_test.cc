// What `checkpoint` refuses: with which message and exit status, and that nothing has changed.
#include <sys/mount.h>

#include <filesystem>

#include "integration/faults/faults_test.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

constexpr int kUsageStatus = 2;

class RefusedCheckpoint : public FaultsTest {
 protected:
  void SetUp() override {
    FaultsTest::SetUp();
    start_workload("memory_pattern");
  }

  void expect_usage(const std::vector<std::string>& arguments, const std::string& text) const {
    const Finished finished = runtime().run(arguments);
    EXPECT_EQ(finished.status, kUsageStatus);
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(finished.err.substr(0, finished.err.find('\n')), "Incorrect Usage: " + text);
    EXPECT_THAT(finished.err,
                testing::HasSubstr("stasis checkpoint [command options] container-id"));
  }
  void expect_refused(const std::vector<std::string>& arguments,
                      const testing::Matcher<std::string>& message) const {
    const std::size_t before = runtime().log().size();
    const Finished finished = runtime().run(arguments);
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.out, "");
    const std::string log = runtime().log().substr(before);
    EXPECT_EQ(split_lines(log).size(), 1) << log;
    const auto begin = log.find("msg=\"");
    EXPECT_THAT(log.substr(begin + 5, log.rfind('"') - begin - 5), message);
  }
  void mount_image_directory(const std::string& options) const {
    std::filesystem::create_directory(image());
    must(mount("tmpfs", image().c_str(), "tmpfs", 0, options.c_str()), "mounting a tmpfs");
  }
  std::vector<std::string> to(const std::string& path) const {
    return {"checkpoint", "--image-path", path, "c1"};
  }
};

TEST_F(RefusedCheckpoint, WithoutExactlyOneIdIsAUsageError) {
  expect_usage({"checkpoint", "--image-path", image()}, "container-id is required");
  expect_usage({"checkpoint", "--image-path", image(), "c1", "c2"},
               "The following argument was not expected: c2");
  EXPECT_FALSE(exists(image()));
  expect_as_it_was();
}

TEST_F(RefusedCheckpoint, WithAnUnknownFlagIsAUsageError) {
  expect_usage({"checkpoint", "--image-path", image(), "--pre-dumps", "c1"},
               "The following argument was not expected: --pre-dumps");
  expect_usage({"checkpoint", "c1", "--image-path"}, "flag needs an argument: -image-path");
  expect_as_it_was();
}

TEST_F(RefusedCheckpoint, NeedsAnImagePath) {
  expect_refused({"checkpoint", "c1"}, R"(\"checkpoint\" requires --image-path DIR)");
  expect_as_it_was();
}

TEST_F(RefusedCheckpoint, NeedsAContainer) {
  expect_refused({"checkpoint", "--image-path", image(), "nobody"},
                 "container 'nobody' does not exist");
  EXPECT_FALSE(exists(image()));
}

TEST_F(RefusedCheckpoint, NeedsARunningContainer) {
  expect_success({"kill", "c1", "KILL"});
  stdio_->read_to_end();
  expect_refused(to(directory() + "/other"), "cannot checkpoint container 'c1': it is stopped");
  EXPECT_FALSE(exists(directory() + "/other"));
}

TEST_F(RefusedCheckpoint, OfAContainerThatIsOnlyCreated) {
  Bundle other = make_bundle("other");
  prepare_workload(other, WorkloadCase{.name = "memory_pattern"});
  other.save();
  will_delete("c2");
  Pipes stdio;
  const auto ends = stdio.take_other_ends();
  Program create = runtime().start({"create", "--bundle", other.directory(), "c2"}, ends);
  ASSERT_EQ(create.wait(), 0);
  expect_refused({"checkpoint", "--image-path", image(), "c2"},
                 "cannot checkpoint container 'c2': it is created");
}

TEST_F(RefusedCheckpoint, LeavesAnImageThatIsThereUntouched) {
  checkpoint_container("c1", image(), {"--leave-running"});
  const std::string first = read_file(image() + "/checkpoint.img");
  for (const char* flag : {"--leave-running", "--work-path=/tmp"}) {
    expect_refused({"checkpoint", "--image-path", image(), flag, "c1"},
                   "cannot checkpoint container 'c1': checkpoint image '" + image() +
                       "/checkpoint.img' exists already");
  }
  EXPECT_TRUE(read_file(image() + "/checkpoint.img") == first);
  EXPECT_THAT(list_tree(image()), testing::ElementsAre("checkpoint.img"));
  EXPECT_EQ(container_status("c1"), "running");
  expect_verified();
}

TEST_F(RefusedCheckpoint, IntoAFile) {
  write_file(image(), "mine");
  expect_refused(to(image()),
                 testing::AllOf(testing::HasSubstr("making the image directory"),
                                testing::HasSubstr(image()), testing::HasSubstr("ENOTDIR")));
  EXPECT_EQ(read_file(image()), "mine");
  EXPECT_EQ(container_status("c1"), "running");
  expect_verified();
}

TEST_F(RefusedCheckpoint, IntoAReadOnlyDirectory) {
  mount_image_directory("ro");
  expect_refused(to(image()), testing::AllOf(testing::HasSubstr("checkpoint image '" + image() +
                                                                "/checkpoint.img'"),
                                             testing::HasSubstr("EROFS")));
  expect_as_it_was();
}

TEST_F(RefusedCheckpoint, OntoAFullDisk) {
  mount_image_directory("size=1m");
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, std::vector<std::string>{"--leave-running"}}) {
    const auto before = observe_processes(pid_);
    // Eight MiB of pattern, and some.
    expect_refused(
        checkpoint_arguments(flags),
        testing::ContainsRegex("writing checkpoint image '" + image() +
                               "/checkpoint.img' .(8|9)[0-9]{6} bytes of data wanted.: .*ENOSPC"));
    EXPECT_EQ(observe_processes_until(pid_, before), before);
    expect_as_it_was();
  }
  must(umount(image().c_str()), "unmounting");
  expect_round_trip();
}

}  // namespace
}  // namespace stasis::test
