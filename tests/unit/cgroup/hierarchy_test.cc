#include "cgroup/hierarchy.h"

#include <gtest/gtest.h>

namespace stasis::cgroup {
namespace {

constexpr const char* kHybridMounts =
    "24 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "30 29 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "36 30 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd\n"
    "40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    "41 30 0:33 / /mnt/memory\\040again rw,relatime - cgroup cgroup rw,memory\n";
constexpr const char* kHybridOwn =
    "9:name=systemd:/\n4:memory:/api/x\n2:cpu,cpuacct:/\n7:blkio:/not-mounted\n0::/\n";

TEST(ParseHierarchies, FindsV1NamedAndV2AndCountsAMountOnce) {
  const auto found = parse_hierarchies(kHybridMounts, kHybridOwn);
  ASSERT_TRUE(found) << found.error().message();
  const std::vector<Hierarchy> expected = {
      {Version::kV1, {"cpu", "cpuacct"}, "/sys/fs/cgroup/cpu,cpuacct", "/", "/"},
      {Version::kV1, {"memory"}, "/sys/fs/cgroup/memory", "/", "/api/x"},
      {Version::kV1, {"name=systemd"}, "/sys/fs/cgroup/systemd", "/", "/"},
      {Version::kV2, {}, "/sys/fs/cgroup/unified", "/", "/"},
  };
  EXPECT_EQ(*found, expected);
}

TEST(ParseHierarchies, NamesTheLineItCannotRead) {
  const auto found = parse_hierarchies("24 1 - cgroup\n", "0::/\n");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message(),
            "mountinfo line 1: expected 10 fields or more, found '24 1 - cgroup'");
}

TEST(ParseMemberships, KeepsColonsInThePath) {
  const auto found = parse_memberships("3:freezer:/a:b\n0::/c\n");
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)[0], (Membership{{"freezer"}, "/a:b"}));
  EXPECT_EQ((*found)[1], (Membership{{}, "/c"}));
}

TEST(ParseMemberships, RejectsALineWithoutPath) {
  const auto found = parse_memberships("0::/\n3:freezer\n");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message(),
            "cgroup line 2: expected 'ID:CONTROLLERS:/PATH', found '3:freezer'");
}

TEST(HierarchyDirectoryOf, TakesTheMountsRootOff) {
  const Hierarchy whole{.mount_point = "/cg", .mount_root = "/"};
  EXPECT_EQ(whole.directory_of("/"), "/cg");
  EXPECT_EQ(whole.directory_of("/a/b/"), "/cg/a/b");
  const Hierarchy part{.mount_point = "/cg", .mount_root = "/docker/1"};
  EXPECT_EQ(part.directory_of("/docker/1/x"), "/cg/x");
  EXPECT_EQ(part.directory_of("/docker/12/x"), "/cg/docker/12/x");
}

}  // namespace
}  // namespace stasis::cgroup
