// The kernel's verifier takes device programs, and a v2 cgroup that has one obeys it.
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "cgroup/device_program.h"
#include "integration/support/cgroups.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "sys/file.h"

namespace stasis::test {
namespace {

using cgroup::DeviceRule;

class DeviceProgram : public testing::Test {
 protected:
  void SetUp() override {
    for (const Hierarchy& one : find_hierarchies()) {
      if (one.type == "cgroup2") directory_ = one.mount_point + "/devices-test";
    }
    if (directory_.empty()) GTEST_SKIP() << "cgroup v2 is not mounted here";
    must(mkdir(directory_.c_str(), 0755), "mkdir " + directory_);
    // Unlike /run, one where device nodes work.
    must(mkdir(kNodes, 0755), kNodes);
    must(mount("tmpfs", kNodes, "tmpfs", 0, nullptr), "mounting a tmpfs");
  }
  void TearDown() override {
    if (directory_.empty()) return;
    umount2(kNodes, MNT_DETACH);
    rmdir(kNodes);
    rmdir(directory_.c_str());
  }

  void attach(const std::vector<DeviceRule>& rules) const {
    const auto cgroup = sys::open(directory_, O_RDONLY | O_DIRECTORY);
    const auto attached =
        cgroup::attach_device_rules(cgroup::effective_device_rules(rules), cgroup->get());
    ASSERT_TRUE(attached) << attached.error().message();
  }
  std::size_t attached_programs() const {
    const auto cgroup = sys::open(directory_, O_RDONLY | O_DIRECTORY);
    const auto ids = sys::query_device_programs(cgroup->get());
    EXPECT_TRUE(ids) << ids.error().message();
    return ids ? ids->size() : 0;
  }
  // The errno of an open() by a process in the cgroup; 0 when it works.
  int open_inside(const std::string& path, int flags) const {
    const pid_t child = must(fork(), "fork");
    if (child == 0) {
      write_file(directory_ + "/cgroup.procs", "0");
      const int fd = ::open(path.c_str(), flags);
      _exit(fd < 0 ? errno : 0);
    }
    int status = 0;
    must(waitpid(child, &status, 0), "waitpid");
    return WEXITSTATUS(status);
  }
  // A device that no container may use without being told so, and that is harmless.
  static std::string make_node() {
    const std::string path = std::string(kNodes) + "/kmsg";
    must(mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 11)), "mknod " + path);
    return path;
  }

  static constexpr const char* kNodes = "/run/device-nodes";
  std::string directory_;
};

TEST_F(DeviceProgram, ForbidsWhatNoRuleAllows) {
  const std::string kmsg = make_node();
  EXPECT_EQ(open_inside(kmsg, O_RDONLY), 0);
  attach({});
  EXPECT_EQ(open_inside("/dev/null", O_RDWR), 0);
  EXPECT_EQ(open_inside(kmsg, O_RDONLY), EPERM);
}

TEST_F(DeviceProgram, TellsReadingFromWriting) {
  const std::string kmsg = make_node();
  attach({{true, 'c', 1, 11, "r"}});
  EXPECT_EQ(open_inside(kmsg, O_RDONLY), 0);
  EXPECT_EQ(open_inside(kmsg, O_WRONLY), EPERM);
  EXPECT_EQ(open_inside(kmsg, O_RDWR), EPERM);
}

TEST_F(DeviceProgram, TakesThePlaceOfTheOneThatWasThere) {
  const std::string kmsg = make_node();
  attach({});
  attach({{true}});
  EXPECT_EQ(attached_programs(), 1U);
  EXPECT_EQ(open_inside(kmsg, O_RDONLY), 0);
  attach({{true}, {false, 'c', 1, 11, "r"}});
  EXPECT_EQ(attached_programs(), 1U);
  EXPECT_EQ(open_inside(kmsg, O_RDONLY), EPERM);
}

TEST_F(DeviceProgram, TakesThePlaceOfSeveral) {
  const auto cgroup = sys::open(directory_, O_RDONLY | O_DIRECTORY);
  for (int i = 0; i < 3; ++i) {
    const auto program = sys::load_device_program(cgroup::build_device_program({{false}}));
    ASSERT_TRUE(program) << program.error().message();
    ASSERT_TRUE(sys::attach_device_program(cgroup->get(), program->get()));
  }
  attach({});
  EXPECT_EQ(attached_programs(), 1U);
  EXPECT_EQ(open_inside("/dev/null", O_RDWR), 0);
}

TEST_F(DeviceProgram, PassesTheVerifierWithEveryShapeOfRule) {
  std::vector<DeviceRule> rules;
  for (const bool allow : {true, false}) {
    for (const char type : {'a', 'b', 'c'}) {
      for (const char* access : {"r", "w", "m", "rw", "rm", "wm", "rwm"}) {
        rules.push_back({allow, type, std::nullopt, std::nullopt, access});
        rules.push_back({allow, type, 7, std::nullopt, access});
        rules.push_back({allow, type, std::nullopt, 7, access});
        rules.push_back({allow, type, 7, 7, access});
      }
    }
  }
  for (const DeviceRule& rule : rules) {
    const auto one = sys::load_device_program(
        cgroup::build_device_program(cgroup::effective_device_rules({rule})));
    ASSERT_TRUE(one) << one.error().message();
  }
  std::vector<DeviceRule> many;
  for (int i = 0; i < 20; ++i) many.insert(many.end(), rules.begin(), rules.end());
  const auto all = sys::load_device_program(
      cgroup::build_device_program(cgroup::effective_device_rules(many)));
  ASSERT_TRUE(all) << all.error().message();
}

TEST(LoadDeviceProgram, GivesTheVerifiersReason) {
  const std::vector<sys::BpfInstruction> endless{{sys::kBpfMove, 0, 0, 0}};
  const auto loaded = sys::load_device_program(endless);
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message().starts_with("verifier: ")) << loaded.error().message();
}

}  // namespace
}  // namespace stasis::test
