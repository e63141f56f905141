// AppArmor's files, in a directory that looks like /proc and /sys: what reaches a kernel that has
// it.
#include <fcntl.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sys/apparmor.h"
#include "sys/file.h"
#include "unit/support/file_tree.h"

namespace stasis::sys {
namespace {

class AppArmor : public test::FileTree {
 protected:
  UniqueFd proc() const { return open(root_, O_PATH | O_DIRECTORY).value(); }
};

TEST_F(AppArmor, IsEnabledWhenTheModuleSaysSo) {
  EXPECT_FALSE(apparmor_is_enabled(root_));
  write("module/apparmor/parameters/enabled", "N\n");
  EXPECT_FALSE(apparmor_is_enabled(root_));
  write("module/apparmor/parameters/enabled", "Y\n");
  EXPECT_TRUE(apparmor_is_enabled(root_));
}

TEST_F(AppArmor, ProfilesAreWrittenToTheFileOfTheModule) {
  write("self/attr/apparmor/exec", "");
  write("self/attr/exec", "");
  ASSERT_TRUE(set_apparmor_profile_on_exec(proc().get(), "docker-default"));
  EXPECT_EQ(read("self/attr/apparmor/exec"), "exec docker-default");
  EXPECT_EQ(read("self/attr/exec"), "");
}

TEST_F(AppArmor, OldKernelsHaveOneFileForAllModules) {
  write("self/attr/exec", "");
  ASSERT_TRUE(set_apparmor_profile_on_exec(proc().get(), "docker-default"));
  EXPECT_EQ(read("self/attr/exec"), "exec docker-default");
}

TEST_F(AppArmor, FilesThatAreMissingAreNamed) {
  const auto set = set_apparmor_profile_on_exec(proc().get(), "docker-default");
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().kind(), ErrorKind::kNotFound);
  EXPECT_NE(set.error().message().find("self/attr/exec"), std::string::npos);
}

TEST_F(AppArmor, LabelsAreThoseOfTheProcess) {
  write("7/attr/apparmor/current", "docker-default (enforce)\n");
  write("8/attr/current", "unconfined\n");
  EXPECT_EQ(get_apparmor_label(proc().get(), HostPid{7}), "docker-default (enforce)");
  EXPECT_EQ(get_apparmor_label(proc().get(), HostPid{8}), "unconfined");
}

}  // namespace
}  // namespace stasis::sys
