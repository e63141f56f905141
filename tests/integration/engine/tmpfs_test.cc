// Which tmpfs mounts are saved, put back, left alone or refused. What is in them: the workload
// tmpfs_contents.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/workload_table.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class Tmpfs : public ContainerTest {
 protected:
  // With a tmpfs at /data, one inside of it, and a directory of the host's tmpfs bound there.
  Bundle make_tmpfs_bundle() {
    Bundle bundle = make_bundle();
    prepare_workload(bundle, {.name = "pipes"});
    host_directory_ = "/dev/shm/tmpfs_test";
    std::filesystem::create_directory(host_directory_);
    bundle.mount_tmpfs("/data");
    bundle.mount_tmpfs("/data/inner");
    bundle.bind_mount(host_directory_, "/data/bound");
    return bundle;
  }

  void TearDown() override {
    if (!host_directory_.empty()) std::filesystem::remove_all(host_directory_);
    ContainerTest::TearDown();
  }

  std::string inside(const std::string& path) const {
    return fmt::format("/proc/{}/root{}", container_pid("c1"), path);
  }

  // Mounts a tmpfs as a process of the container could.
  void mount_inside(const std::string& target) const {
    const pid_t child = fork();
    if (child == 0) {
      const int ns = open(fmt::format("/proc/{}/ns/mnt", container_pid("c1")).c_str(), O_RDONLY);
      const bool done =
          setns(ns, CLONE_NEWNS) == 0 && mount("tmpfs", target.c_str(), "tmpfs", 0, nullptr) == 0;
      _exit(done ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }

  // Of this process and what it starts; returns what it was.
  static rlimit limit_data(rlim_t bytes) {
    rlimit before{};
    EXPECT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
    const rlimit limited{.rlim_cur = bytes, .rlim_max = before.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_DATA, &limited), 0);
    return before;
  }

  static dev_t device_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_dev;
  }

  static std::set<std::string> names_in(const std::string& path) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      names.insert(entry.path().filename());
    }
    return names;
  }

  std::string image() const { return directory() + "/image"; }

  std::string host_directory_;
};

TEST_F(Tmpfs, NestedOnesComeBackAndBoundOnesStay) {
  const Bundle bundle = make_tmpfs_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  write_file(inside("/data/outer"), "in the outer one");
  write_file(inside("/data/inner/file"), "in the inner one");
  write_file(host_directory_ + "/file", "of the host");
  checkpoint_container("c1", image());

  write_file(host_directory_ + "/file", "of the host, changed");
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  EXPECT_EQ(read_file(inside("/data/outer")), "in the outer one");
  EXPECT_EQ(read_file(inside("/data/inner/file")), "in the inner one");
  EXPECT_EQ(read_file(inside("/data/bound/file")), "of the host, changed");
  std::filesystem::create_directory(inside("/data/bound/later"));
  EXPECT_TRUE(std::filesystem::exists(host_directory_ + "/later"));
  restored.write("v");
  EXPECT_EQ(restored.next_line(), "ok");
}

// The runtime makes nodes and links in /dev, which the container has changed since.
TEST_F(Tmpfs, DevIsAsTheContainerLeftIt) {
  const Bundle bundle = make_tmpfs_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  std::filesystem::remove(inside("/dev/stdin"));
  std::filesystem::remove(inside("/dev/stderr"));
  std::filesystem::create_symlink("/dev/null", inside("/dev/stderr"));
  std::filesystem::remove(inside("/dev/full"));
  write_file(inside("/dev/full"), "a file in the place of a device");
  std::filesystem::permissions(inside("/dev/zero"), std::filesystem::perms(0600));
  const auto before = names_in(inside("/dev"));
  checkpoint_container("c1", image());

  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  EXPECT_EQ(names_in(inside("/dev")), before);
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(inside("/dev/stdin"))));
  EXPECT_EQ(std::filesystem::read_symlink(inside("/dev/stderr")), "/dev/null");
  EXPECT_EQ(read_file(inside("/dev/full")), "a file in the place of a device");
  EXPECT_EQ(std::filesystem::status(inside("/dev/zero")).permissions(),
            std::filesystem::perms(0600));
  EXPECT_TRUE(std::filesystem::is_character_file(inside("/dev/pts/ptmx")));
}

TEST_F(Tmpfs, KeepsMountPointsThatTheCheckpointDidNotHave) {
  Bundle bundle = make_bundle();
  prepare_workload(bundle, {.name = "pipes"});
  bundle.mount_tmpfs("/data");
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  write_file(inside("/data/file"), "saved");
  checkpoint_container("c1", image());

  bundle.mount_tmpfs("/data/deep/new");
  bundle.save();
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  EXPECT_EQ(read_file(inside("/data/file")), "saved");
  EXPECT_NE(device_of(inside("/data")), device_of(inside("/data/deep/new")));
}

TEST_F(Tmpfs, LargeFilesAreNotReadIntoMemory) {
  constexpr std::size_t kPieces = 160;
  constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
  const Bundle bundle = make_tmpfs_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  std::string piece(kPieceBytes, '\0');
  for (std::size_t i = 0; i < piece.size(); ++i) piece[i] = static_cast<char>(i % 251 + 1);
  {
    std::ofstream file(inside("/data/large"), std::ios::binary);
    for (std::size_t i = 0; i < kPieces; ++i) file << piece;
  }
  // For the runtime; the container gets its own limits back.
  const rlimit before = limit_data(kPieces * kPieceBytes / 2);
  checkpoint_container("c1", image());
  Pipes restored;
  restore_container("c1", bundle, image(), restored);
  setrlimit(RLIMIT_DATA, &before);
  std::ifstream file(inside("/data/large"), std::ios::binary);
  std::string found(kPieceBytes, '\0');
  for (std::size_t i = 0; i < kPieces; ++i) {
    ASSERT_TRUE(file.read(found.data(), static_cast<std::streamsize>(found.size())));
    ASSERT_EQ(found == piece, true) << "piece " << i;
  }
  EXPECT_EQ(file.peek(), std::char_traits<char>::eof());
}

TEST_F(Tmpfs, IsNotRestoredOverAnythingElse) {
  const Bundle bundle = make_tmpfs_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", image());

  Bundle other = make_bundle("other");
  prepare_workload(other, {.name = "pipes"});
  other.bind_mount(host_directory_, "/data");
  other.save();
  write_file(host_directory_ + "/file", "of the host");
  const Finished failed = runtime().run(
      {"restore", "--detach", "--bundle", other.directory(), "--image-path", image(), "c1"});
  EXPECT_NE(failed.status, 0);
  EXPECT_THAT(failed.err + runtime().log(),
              HasSubstr("restoring the tmpfs at '/data': this container has no tmpfs "
                        "of its own there"));
  EXPECT_EQ(read_file(host_directory_ + "/file"), "of the host");
}

TEST_F(Tmpfs, RefusesWhatTheConfigurationDoesNotMount) {
  const Bundle bundle = make_tmpfs_bundle();
  Pipes stdio;
  start_container("c1", bundle, stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  mount_inside("/data/inner");
  mount_inside("/tmp");
  const Finished refused = runtime().run({"checkpoint", "--image-path", image(), "c1"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err + runtime().log(),
              HasSubstr("the tmpfs at '/data/inner', which another mount covers"));
  EXPECT_THAT(refused.err + runtime().log(),
              HasSubstr("a tmpfs at '/tmp' that the container's configuration does not have"));
  EXPECT_FALSE(std::filesystem::exists(image() + "/checkpoint.img"));
  stdio.write("v");
  EXPECT_EQ(stdio.next_line(), "ok");
}

}  // namespace
}  // namespace stasis::test
