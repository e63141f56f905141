// An image is restored at another place: with another root filesystem directory, in another cgroup,
// on a machine that has been up for another time.
#include <sched.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/give_up.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

class Elsewhere : public ContainerTest, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    prepare_workload(*bundle_, {.name = GetParam()});
    Pipes stdio;
    start_container("c1", *bundle_, stdio);
    ASSERT_EQ(stdio.next_line(), "ready");
    checkpoint_container("c1", image());
  }
  std::string image() const { return directory() + "/image"; }
  // `stdio` goes on being the container's.
  void expect_restored(const std::string& id, const Bundle& bundle, Pipes& stdio) {
    restore_container(id, bundle, image(), stdio);
    stdio.write("v");
    EXPECT_EQ(stdio.next_line(), "ok");
  }

  std::unique_ptr<Bundle> bundle_;
};

// Copying leaves the nodes of sockets out, as tar does.
void remove_sockets(const std::string& root) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.symlink_status().type() == fs::file_type::socket) found.push_back(entry.path());
  }
  for (const auto& path : found) fs::remove(path);
}

TEST_P(Elsewhere, IsACopyOfTheRootInAnotherCgroup) {
  Bundle other = make_bundle("other");
  prepare_workload(other, {.name = GetParam()});
  remove_sockets(bundle_->rootfs());
  fs::copy(bundle_->rootfs(), other.rootfs(),
           fs::copy_options::recursive | fs::copy_options::skip_existing |
               fs::copy_options::copy_symlinks);
  other.config["linux"]["cgroupsPath"] = "another-place";
  other.save();
  fs::remove_all(bundle_->directory());
  Pipes stdio;
  expect_restored("c2", other, stdio);
}

// A time namespace for the runtime is all of another machine that its clocks can tell.
TEST_P(Elsewhere, IsAMachineThatHasBeenUpForLonger) {
  must(unshare(CLONE_NEWTIME), "unshare");
  std::ofstream("/proc/self/timens_offsets") << "monotonic 500000 5\nboottime 600000 0\n";
  Pipes there;
  expect_restored("c2", *bundle_, there);
  fs::rename(image(), directory() + "/first");
  checkpoint_container("c2", image());
  Pipes back;
  expect_restored("c3", *bundle_, back);
}

// Where config.json allows less, the image does not bring it along.
TEST_P(Elsewhere, IsNoPlaceWithFewerPrivileges) {
  bundle_->config["process"]["capabilities"]["bounding"] = nlohmann::json::array({"CAP_KILL"});
  for (const char* set : {"effective", "permitted", "inheritable", "ambient"}) {
    bundle_->config["process"]["capabilities"][set] = nlohmann::json::array();
  }
  bundle_->save();
  const Finished refused = runtime().run(
      {"restore", "--detach", "--image-path", image(), "--bundle", bundle_->directory(), "c2"});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(runtime().log().find("has CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE; add it to "
                                 "process.capabilities.bounding"),
            std::string::npos)
      << runtime().log();
}

INSTANTIATE_TEST_SUITE_P(All, Elsewhere,
                         testing::Values("clocks", "memory_kinds", "posix_timers", "process_tree",
                                         "regular_files", "sleeping", "threads", "timerfds",
                                         "unix_listening"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace stasis::test
