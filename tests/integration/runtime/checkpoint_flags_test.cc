// The flags that `checkpoint` and `restore` have in common with runc's: each does what it says, or
// is refused with a sentence and changes nothing. And what is left of a container that was
// stopped by a checkpoint.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class CheckpointFlags : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    prepare_workload(*bundle_, WorkloadCase{.name = "pipes"});
  }

  void start() {
    start_container("c1", *bundle_, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
  }
  static void expect_ok(Pipes& stdio) {
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }
  std::string image() const { return directory() + "/image"; }

  // A command of /bin/sh in which $STASIS is the runtime with its global flags.
  Finished shell(const std::string& script) const {
    const std::string command = Runtime::binary() + " --root " + directory() + "/root";
    return run_program({"/bin/sh", "-c", script}, {.environment = {"STASIS=" + command}});
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

TEST_F(CheckpointFlags, WithoutLeaveRunningNothingIsLeftButTheImage) {
  const std::string trace = directory() + "/poststop";
  bundle_->config["hooks"]["poststop"] = {
      {{"path", "/bin/sh"}, {"args", {"sh", "-c", "cat > " + trace}}}};
  start();
  checkpoint_container("c1", image());
  expect_gone("c1");
  expect_nothing_left();
  EXPECT_THAT(read_file(trace), HasSubstr(R"("status":"stopped")"));
  const Finished deleted = runtime().run({"delete", "c1"});
  EXPECT_EQ(deleted.status, 1);
  EXPECT_EQ(deleted.err, "container 'c1' does not exist\n");
  expect_success({"delete", "--force", "c1"});
  // The id is free, without a delete in between.
  Pipes restored;
  restore_container("c1", *bundle_, image(), restored);
  expect_ok(restored);
}

TEST_F(CheckpointFlags, AnAttachedRunEndsWithTheContainer) {
  bundle_->save();
  will_delete("c1");
  const auto ends = stdio_.take_other_ends();
  Program run = runtime().start({"run", "--bundle", bundle_->directory(), "c1"}, ends);
  ASSERT_EQ(stdio_.next_line(), "ready");
  checkpoint_container("c1", image());
  EXPECT_EQ(run.wait(), 137);
  expect_gone("c1");
}

TEST_F(CheckpointFlags, ThatCannotBeCarriedOutAreRefusedAndChangeNothing) {
  start();
  const std::vector<std::pair<std::vector<std::string>, std::string>> refused{
      {{"--parent-path", "../old"},
       "--parent-path: images that build on an earlier one are not supported: leave the flag out, "
       "every image is complete\n"},
      {{"--page-server", "localhost:1"},
       "--page-server: memory cannot be sent to a page server: write the image to a directory and "
       "copy that\n"},
      {{"--pre-dump"},
       "--pre-dump: there is no image of memory alone: leave the flag out, memory is copied while "
       "the container runs with --leave-running\n"},
      {{"--lazy-pages"},
       "--lazy-pages: memory cannot be restored page by page: leave the flag out\n"},
      {{"--tcp-close"},
       "--tcp-close: connections cannot be restored as closed ones: have the program close them "
       "before the checkpoint\n"},
      {{"--manage-cgroups-mode", "full"},
       "--manage-cgroups-mode full: images hold no cgroup settings, a restored container has those "
       "of its config.json: use soft or ignore\n"},
      {{"--manage-cgroups-mode=strict"},
       "--manage-cgroups-mode strict: images hold no cgroup settings, a restored container has "
       "those of its config.json: use soft or ignore\n"},
      {{"--manage-cgroups-mode", "hard"},
       "--manage-cgroups-mode: expected soft, full, strict or ignore, found 'hard'\n"},
      {{"--empty-ns", "pid"}, "--empty-ns: expected network, found 'pid'\n"},
      {{"--lsm-profile", "apparmor:mine"},
       "--lsm-profile apparmor:mine: profiles of AppArmor and SELinux are not restored: leave the "
       "flag out\n"},
      {{"--lsm-mount-context", "system_u:x"},
       "--lsm-mount-context: SELinux is not supported: leave the flag out\n"},
      {{"--status-fd", "77"}, "--status-fd 77: the descriptor is not open\n"}};
  for (const auto& [flags, message] : refused) {
    SCOPED_TRACE(flags.front());
    std::vector<std::string> arguments{"checkpoint", "--image-path", image()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.emplace_back("c1");
    const Finished finished = runtime().run(arguments);
    EXPECT_EQ(finished.status, 1);
    EXPECT_EQ(finished.err, message);
    EXPECT_EQ(container_status("c1"), "running");
    EXPECT_FALSE(exists(image()));
  }
  expect_ok(stdio_);
}

TEST_F(CheckpointFlags, ARestoreRefusesThemBeforeItLooksAtAnything) {
  for (const char* flag : {"--lazy-pages", "--tcp-close"}) {
    const Finished finished = runtime().run({"restore", "--image-path", image(), flag, "c1"});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, testing::StartsWith(std::string(flag) + ": "));
  }
  for (const char* option :
       {"--manage-cgroups-mode", "--empty-ns", "--lsm-profile", "--lsm-mount-context"}) {
    const Finished finished =
        runtime().run({"restore", "--image-path", image(), option, "strict", "c1"});
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, testing::StartsWith(option));
  }
}

TEST_F(CheckpointFlags, ThatAreTrueAnywayAreTaken) {
  start();
  checkpoint_container(
      "c1", image(),
      {"--work-path", directory() + "/work", "--tcp-skip-in-flight", "--link-remap", "--auto-dedup",
       "--empty-ns", "network", "--file-locks", "--ext-unix-sk", "--tcp-established",
       "--lsm-profile", "apparmor:unconfined", "--manage-cgroups-mode", "soft"});
  EXPECT_FALSE(exists(directory() + "/work"));
  Pipes restored;
  restore_container("c1", *bundle_, image(), restored,
                    {"--work-path", directory() + "/work", "--auto-dedup", "--empty-ns", "network",
                     "--file-locks", "--ext-unix-sk", "--tcp-established", "--lsm-profile",
                     "apparmor:unconfined", "--manage-cgroups-mode", "soft"});
  expect_ok(restored);
}

TEST_F(CheckpointFlags, ManageCgroupsModeIgnoreRestoresIntoAnotherCgroup) {
  start();
  checkpoint_container("c1", image(), {"--manage-cgroups-mode", "ignore"});
  bundle_->config["linux"]["cgroupsPath"] = "/somewhere/else";
  bundle_->save();
  Pipes restored;
  restore_container("c1", *bundle_, image(), restored, {"--manage-cgroups-mode", "ignore"});
  expect_ok(restored);
  const std::string cgroup = read_file("/proc/" + std::to_string(container_pid("c1")) + "/cgroup");
  EXPECT_THAT(cgroup, HasSubstr("/somewhere/else\n"));
  EXPECT_THAT(cgroup, testing::Not(HasSubstr("/c1\n")));
  expect_success({"delete", "--force", "c1"});
  for (const Hierarchy& hierarchy : find_hierarchies()) {
    std::filesystem::remove(hierarchy.mount_point + "/somewhere");
  }
}

TEST_F(CheckpointFlags, StatusFdGetsOneNulByteWhenTheCheckpointBegins) {
  start();
  const std::string status = directory() + "/status";
  const Finished taken = shell("exec 7>" + status + "; $STASIS checkpoint --leave-running " +
                               "--status-fd 7 --image-path " + image() + " c1");
  EXPECT_EQ(taken.status, 0) << taken.err;
  EXPECT_EQ(read_file(status), std::string(1, '\0'));
  // Not when nothing begins.
  const Finished refused = shell("exec 7>" + status + "; $STASIS checkpoint --status-fd 7 " +
                                 "--image-path " + image() + "2 nobody");
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(read_file(status), "");
}

}  // namespace
}  // namespace stasis::test
