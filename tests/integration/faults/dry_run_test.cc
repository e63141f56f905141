// --dry-run of checkpoint and restore: tells what would happen, or what prevents it, and changes
// nothing.
#include "integration/faults/faults_test.h"

namespace stasis::test {
namespace {

class DryRun : public FaultsTest {
 protected:
  Finished try_checkpoint() const { return runtime().run({"checkpoint", "--dry-run", "c1"}); }
};

TEST_F(DryRun, OfACheckpointTellsWhatWouldBeSaved) {
  start_workload("process_tree");
  const auto before = observe_processes(pid_);
  const Finished finished = try_checkpoint();
  EXPECT_EQ(finished.status, 0);
  const auto processes = descendants_of(pid_).size();
  EXPECT_THAT(finished.out, testing::StartsWith(fmt::format(
                                "nothing prevents a checkpoint: {} processes, ", processes)));
  EXPECT_THAT(finished.out, testing::HasSubstr("\n  1 workload"));
  EXPECT_THAT(finished.out, testing::ContainsRegex("\n  stack +[0-9]+ +[0-9.]+ [KM]iB\n"));
  EXPECT_THAT(finished.out, testing::HasSubstr("\nfds of 1 workload\n     0  external"));
  EXPECT_EQ(runtime().log(), "");
  EXPECT_EQ(observe_processes_until(pid_, before), before);
  expect_as_it_was();
  expect_round_trip();
}

TEST_F(DryRun, OfACheckpointWithAnImagePathMakesNothingThere) {
  start_workload("memory_pattern");
  expect_success({"checkpoint", "--dry-run", "--image-path", image(), "c1"});
  EXPECT_FALSE(exists(image()));
  expect_as_it_was();
}

// A real checkpoint gives the same reasons.
TEST_F(DryRun, OfACheckpointTellsWhatPreventsIt) {
  start_workload("file_locks");
  const auto before = observe_processes(pid_);
  const Finished finished = try_checkpoint();
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(runtime().log(), testing::HasSubstr("cannot be checkpointed (nothing was changed):"));
  EXPECT_THAT(runtime().log(), testing::HasSubstr("--file-locks"));
  const std::string reason = runtime().log().substr(runtime().log().find("msg="));
  EXPECT_EQ(runtime().run(checkpoint_arguments()).status, 1);
  EXPECT_THAT(runtime().log(), testing::EndsWith(reason));
  EXPECT_EQ(observe_processes_until(pid_, before), before);
  expect_as_it_was();
}

TEST_F(DryRun, OfARestorePrintsThePlan) {
  start_workload("process_tree");
  checkpoint_container("c1", image());
  const auto tree = list_tree(bundle_->directory());
  const Finished finished =
      runtime().run({"restore", "--dry-run", "--image-path", image(), "--bundle",
                     bundle_->directory(), "--pid-file", directory() + "/pid", "c1"});
  EXPECT_EQ(finished.status, 0);
  const auto lines = split_lines(finished.out);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0], "take over pid 1");
  EXPECT_THAT(lines, testing::Contains(testing::MatchesRegex("fork pid [0-9]+ from pid 1")));
  EXPECT_EQ(runtime().log(), "");
  EXPECT_FALSE(exists(directory() + "/pid"));
  EXPECT_EQ(list_tree(bundle_->directory()), tree);
  EXPECT_THAT(list_tree(image()), testing::ElementsAre("checkpoint.img"));
  expect_nothing_left();
  restore_container("c1", *bundle_, image(), new_stdio());
  expect_verified();
}

TEST_F(DryRun, OfARestoreFindsADamagedImage) {
  start_workload("memory_pattern");
  checkpoint_container("c1", image());
  std::string bytes = read_file(image() + "/checkpoint.img");
  bytes[100'000] = static_cast<char>(bytes[100'000] ^ 1);
  write_file(image() + "/checkpoint.img", bytes);
  const Finished finished = runtime().run({"restore", "--dry-run", "--image-path", image(), "c1"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(runtime().log(), testing::HasSubstr("checksum mismatch"));
  expect_nothing_left();
}

}  // namespace
}  // namespace stasis::test
