#include "proc/cgroup_membership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(ParseCgroup, ReadsBothVersions) {
  const auto all =
      parse_cgroup("9:name=systemd:/\n4:cpu,cpuacct:/a:b/c (deleted)\n12::/odd\n0::/../sibling\n");
  ASSERT_TRUE(all) << all.error().message();
  ASSERT_THAT(*all, SizeIs(4));
  const CgroupMembership cpu = {
      .hierarchy = 4, .controllers = {"cpu", "cpuacct"}, .path = "/a:b/c", .deleted = true};
  EXPECT_EQ((*all)[1], cpu);
  EXPECT_THAT((*all)[0].controllers, ElementsAre("name=systemd"));
  EXPECT_EQ(find_v1(*all, "cpuacct"), &(*all)[1]);
  EXPECT_EQ(find_v1(*all, "memory"), nullptr);
  EXPECT_EQ(find_v2(*all), &(*all)[3]);
  EXPECT_EQ(find_v2(*all)->path, "/../sibling");
  EXPECT_EQ(find_v2({}), nullptr);
}

TEST(ParseCgroup, NamesLineAndField) {
  const std::pair<const char*, const char*> cases[] = {
      {"0\n", "cgroup line 1: columns: expected ID:CONTROLLERS:PATH, found '0'"},
      {"0::/\n0:x\n", "cgroup line 2: columns: expected ID:CONTROLLERS:PATH, found '0:x'"},
      {"x::/\n", "cgroup line 1: hierarchy: expected a decimal number, found 'x'"},
      {"0::a\n", "cgroup line 1: path: expected '/...', found 'a'"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_cgroup(text)), message);
}

}  // namespace
}  // namespace stasis::proc
