#include "proc/mountinfo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/proc/message_of.h"

namespace stasis::proc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ParseMountinfo, ReadsEveryColumn) {
  const auto mounts = parse_mountinfo(
      "36 35 98:0 /mnt\\0401 /mnt\\134\\0122 rw,noatime master:1 shared:2 - ext3 /dev/root\\043 "
      "rw,errors=continue\n");
  ASSERT_TRUE(mounts) << mounts.error().message();
  const Mount expected = {.id = 36,
                          .parent_id = 35,
                          .dev_major = 98,
                          .root = "/mnt 1",
                          .mount_point = "/mnt\\\n2",
                          .options = "rw,noatime",
                          .propagation = {"master:1", "shared:2"},
                          .fs_type = "ext3",
                          .source = "/dev/root#",
                          .super_options = "rw,errors=continue"};
  EXPECT_THAT(*mounts, ElementsAre(expected));
}

TEST(ParseMountinfo, TakesOddSources) {
  const auto mounts = parse_mountinfo(
      "1 2 0:5 / /a rw - tmpfs  rw\n"
      "2 2 0:5 net:[4026531833] /b rw - nsfs - rw\n"
      "3 2 0:5 / /c rw - fuse.x src rw,a b\n");
  ASSERT_TRUE(mounts) << mounts.error().message();
  ASSERT_THAT(*mounts, SizeIs(3));
  EXPECT_EQ((*mounts)[0].source, "");
  EXPECT_EQ((*mounts)[0].super_options, "rw");
  EXPECT_THAT((*mounts)[0].propagation, IsEmpty());
  EXPECT_EQ((*mounts)[1].root, "net:[4026531833]");
  EXPECT_EQ((*mounts)[1].source, "-");
  EXPECT_EQ((*mounts)[2].super_options, "rw,a b");
}

TEST(ParseMountinfo, NamesLineAndField) {
  const char* kColumns = "mountinfo line 1: columns: expected six, options, '-', three, found ";
  const std::pair<std::string, std::string> cases[] = {
      {"1 2 0:5 / /a rw\n", kColumns + std::string("'1 2 0:5 / /a rw'")},
      {"1 2 0:5 - /a rw\n", kColumns + std::string("'1 2 0:5 - /a rw'")},
      {"1 2 0:5 / /a rw - ext4 x\n", kColumns + std::string("'1 2 0:5 / /a rw - ext4 x'")},
      {"\n", kColumns + std::string("''")},
      {"x 2 0:5 / /a rw - ext4 x rw\n",
       "mountinfo line 1: mount id: expected a decimal number, found 'x'"},
      {"1 2 0 / /a rw - ext4 x rw\n",
       "mountinfo line 1: device: expected two numbers around ':', found '0'"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(parse_mountinfo(text)), message);
}

TEST(FindMount, FindsByIdAndByPath) {
  const auto mounts = parse_mountinfo(
                          "10 1 0:1 / / rw - ext4 a rw\n"
                          "11 10 0:2 / /dev rw - tmpfs b rw\n"
                          "12 11 0:3 / /dev/pts rw - devpts c rw\n"
                          "13 12 0:4 / /dev/pts rw - devpts d rw\n")
                          .value();
  EXPECT_EQ(find_mount(mounts, 11)->source, "b");
  EXPECT_EQ(find_mount(mounts, 9), nullptr);
  const std::pair<const char*, int> cases[] = {
      {"/", 10},       {"/x", 10},       {"/dev", 11},       {"/dev/null", 11},
      {"/device", 10}, {"/dev/pts", 13}, {"/dev/pts/0", 13}, {"/dev/ptsx", 11},
  };
  for (const auto& [path, id] : cases) EXPECT_EQ(find_mount_of_path(mounts, path)->id, id) << path;
  EXPECT_EQ(find_mount_of_path(mounts, "relative"), nullptr);
  EXPECT_EQ(find_mount_of_path({}, "/"), nullptr);
}

}  // namespace
}  // namespace stasis::proc
