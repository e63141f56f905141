#include "checkpoint/tmpfs_mounts.h"

#include <gtest/gtest.h>

namespace stasis::checkpoint {
namespace {

proc::Mount tmpfs(std::int32_t id, std::uint32_t minor) {
  proc::Mount mount;
  mount.id = id;
  mount.dev_minor = minor;
  mount.root = "/";
  mount.mount_point = "/run";
  mount.options = "rw,nosuid";
  mount.fs_type = "tmpfs";
  mount.super_options = "rw,size=64k";
  return mount;
}

TEST(DecideTmpfs, SavesWhatTheConfigurationMounts) {
  const TmpfsFacts facts{.outside = {tmpfs(1, 20)}, .own_ids = {7}, .bound_ids = {8}};
  EXPECT_EQ(decide_tmpfs(tmpfs(7, 30), facts), TmpfsFate::kSave);
  proc::Mount read_only = tmpfs(7, 30);
  read_only.options = "ro,nosuid";
  EXPECT_EQ(decide_tmpfs(read_only, facts), TmpfsFate::kSave);
}

TEST(DecideTmpfs, LeavesWhatComesFromOutside) {
  const TmpfsFacts facts{.outside = {tmpfs(1, 20)}, .own_ids = {7}, .bound_ids = {8}};
  EXPECT_EQ(decide_tmpfs(tmpfs(7, 20), facts), TmpfsFate::kLeave);  // seen on the host too
  EXPECT_EQ(decide_tmpfs(tmpfs(9, 20), facts), TmpfsFate::kLeave);
  EXPECT_EQ(decide_tmpfs(tmpfs(8, 31), facts), TmpfsFate::kLeave);  // bound from another namespace
}

TEST(DecideTmpfs, TellsMasksFromWhatAProcessMounted) {
  const TmpfsFacts facts{.outside = {}, .own_ids = {7}, .bound_ids = {}};
  EXPECT_EQ(decide_tmpfs(tmpfs(9, 32), facts), TmpfsFate::kMountedBySelf);
  proc::Mount mask = tmpfs(9, 32);
  mask.options = "ro,relatime";
  EXPECT_EQ(decide_tmpfs(mask, facts), TmpfsFate::kLeave);
  mask = tmpfs(9, 32);
  mask.super_options = "ro";
  EXPECT_EQ(decide_tmpfs(mask, facts), TmpfsFate::kLeave);
}

}  // namespace
}  // namespace stasis::checkpoint
