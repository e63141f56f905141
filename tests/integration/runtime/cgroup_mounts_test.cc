// Mounts of type cgroup: the container's own directories, writable unless "ro" is said.
#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"

namespace stasis::test {
namespace {

class CgroupMounts : public BusyboxTest {
 protected:
  static void erase_type(nlohmann::json& list, const std::string& type) {
    nlohmann::json rest = nlohmann::json::array();
    for (auto& one : list) {
      if (one["type"] != type) rest.push_back(std::move(one));
    }
    list = std::move(rest);
  }
  void mount_cgroups(const std::vector<std::string>& options) {
    erase_type(bundle().config["mounts"], "cgroup");
    add_mount("cgroup", "cgroup", "/sys/fs/cgroup", options);
  }
  void share_cgroup_namespace() {
    erase_type(bundle().config["linux"]["namespaces"], "cgroup");
  }
  // Per hierarchy: whether a cgroup can be made in it, and whether the shell is in it.
  static constexpr const char* kTry = R"(
    for place in /sys/fs/cgroup $(find /sys/fs/cgroup -mindepth 1 -maxdepth 1 -type d); do
      grep -q " $place " /proc/self/mountinfo || continue
      [ -e $place/cgroup.procs ] || continue
      mkdir $place/new 2>/dev/null && made=writable || made=read-only
      [ -d $place/new ] && rmdir $place/new
      grep -qx $$ $place/cgroup.procs && own=own || own=foreign
      echo $made $own
    done | sort -u)";
};

TEST_F(CgroupMounts, CanBeWrittenTo) {
  mount_cgroups({"nosuid", "noexec", "nodev", "relatime"});
  EXPECT_EQ(output(kTry), "writable own\n");
}

TEST_F(CgroupMounts, AreReadOnlyWhenAskedFor) {
  mount_cgroups({"nosuid", "noexec", "nodev", "relatime", "ro"});
  EXPECT_EQ(output(kTry), "read-only own\n");
  EXPECT_EQ(output("mkdir /sys/fs/cgroup/new 2>/dev/null || echo refused"), "refused\n");
}

TEST_F(CgroupMounts, ShowTheOwnCgroupInASharedNamespaceToo) {
  share_cgroup_namespace();
  mount_cgroups({"ro"});
  EXPECT_EQ(output(kTry), "read-only own\n");
  mount_cgroups({});
  EXPECT_EQ(output(kTry), "writable own\n");
}

// No program and no device is ever in a hierarchy.
TEST_F(CgroupMounts, HaveNoPrograms) {
  mount_cgroups({"exec", "dev", "suid"});
  EXPECT_EQ(output("grep -E ' cgroup2? ' /proc/self/mountinfo | grep -vc nosuid,nodev,noexec || true"),
            "0\n");
}

}  // namespace
}  // namespace stasis::test
