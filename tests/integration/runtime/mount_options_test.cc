// Every option of a mount by what /proc/self/mountinfo shows of it.
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <sstream>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

struct Shown {
  std::string mount;                     // "rw,nosuid,relatime"
  std::vector<std::string> file_system;  // of the file system: "rw", "size=64k" ...
};

class MountOptions : public BusyboxTest {
 protected:
  // Runs a container; what it shows of each mount, by its mount point.
  std::map<std::string, Shown> look() {
    std::map<std::string, Shown> found;
    for (const std::string& line : split_lines(output("cat /proc/self/mountinfo"))) {
      std::istringstream in(line);
      std::vector<std::string> fields;
      for (std::string field; in >> field;) fields.push_back(field);
      std::istringstream options(fields.back());
      Shown shown{fields[5], {}};
      for (std::string one; std::getline(options, one, ',');) shown.file_system.push_back(one);
      found[fields[4]] = shown;
    }
    return found;
  }
  // A tmpfs of the host with these flags, a directory in it, and another tmpfs there.
  std::string make_outer(unsigned long flags) {
    const std::string outer = directory() + "/outer" + std::to_string(++outers_);
    std::filesystem::create_directories(outer);
    EXPECT_EQ(mount("tmpfs", outer.c_str(), "tmpfs", 0, nullptr), 0);
    std::filesystem::create_directories(outer + "/inner");
    EXPECT_EQ(mount("tmpfs", (outer + "/inner").c_str(), "tmpfs", flags, nullptr), 0);
    return outer;
  }

 private:
  int outers_ = 0;
};

TEST_F(MountOptions, OfAMountAreThoseThatTheKernelShows) {
  const std::vector<std::pair<Strings, std::string>> cases{
      {{}, "rw,relatime"},
      {{"ro"}, "ro,relatime"},
      {{"ro", "rw"}, "rw,relatime"},
      {{"nosuid"}, "rw,nosuid,relatime"},
      {{"nosuid", "suid"}, "rw,relatime"},
      {{"nodev"}, "rw,nodev,relatime"},
      {{"nodev", "dev"}, "rw,relatime"},
      {{"noexec"}, "rw,noexec,relatime"},
      {{"noexec", "exec"}, "rw,relatime"},
      {{"noatime"}, "rw,noatime"},
      {{"noatime", "atime"}, "rw,relatime"},
      {{"noatime", "relatime"}, "rw,relatime"},
      {{"strictatime"}, "rw"},
      {{"norelatime"}, "rw"},
      {{"strictatime", "nostrictatime"}, "rw,relatime"},
      {{"nodiratime"}, "rw,nodiratime,relatime"},
      {{"nodiratime", "diratime"}, "rw,relatime"},
      {{"nosymfollow"}, "rw,relatime,nosymfollow"},
      {{"nosymfollow", "symfollow"}, "rw,relatime"},
      {{"defaults", "mand", "nomand", "silent", "loud", "iversion", "noiversion", "acl", "noacl"},
       "rw,relatime"},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    add_mount("tmpfs", "tmpfs", "/m" + std::to_string(i), cases[i].first);
  }
  const auto shown = look();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(shown.at("/m" + std::to_string(i)).mount, cases[i].second)
        << testing::PrintToString(cases[i].first);
  }
}

TEST_F(MountOptions, OfTheFileSystemArePassedOn) {
  add_mount("tmpfs", "tmpfs", "/a", {"sync", "dirsync", "lazytime", "size=64k", "mode=711"});
  add_mount("tmpfs", "tmpfs", "/b", {"sync", "async", "lazytime", "nolazytime"});
  const auto shown = look();
  for (const char* one : {"sync", "dirsync", "lazytime", "size=64k", "mode=711"}) {
    EXPECT_THAT(shown.at("/a").file_system, Contains(one));
  }
  EXPECT_THAT(shown.at("/b").file_system, testing::ElementsAre("rw", "mode=755"));
  bundle().config["mounts"].back()["options"] = {"nonsense=1"};
  EXPECT_THAT(refusal(), HasSubstr("'/b': mount tmpfs: option 'nonsense=1'"));
}

TEST_F(MountOptions, ReachWhatIsBelowWithAnR) {
  const std::vector<std::tuple<unsigned long, std::string, std::string>> cases{
      {0, "rro", "ro,relatime"},
      {MS_RDONLY, "rrw", "rw,relatime"},
      {0, "rnosuid", "rw,nosuid,relatime"},
      {MS_NOSUID, "rsuid", "rw,relatime"},
      {0, "rnodev", "rw,nodev,relatime"},
      {MS_NODEV, "rdev", "rw,relatime"},
      {0, "rnoexec", "rw,noexec,relatime"},
      {MS_NOEXEC, "rexec", "rw,relatime"},
      {0, "rnoatime", "rw,noatime"},
      {MS_NOATIME, "ratime", "rw,relatime"},
      {MS_NOATIME, "rrelatime", "rw,relatime"},
      {0, "rstrictatime", "rw"},
      {0, "rnorelatime", "rw"},
      {MS_STRICTATIME, "rnostrictatime", "rw,relatime"},
      {0, "rnodiratime", "rw,nodiratime,relatime"},
      {MS_NODIRATIME, "rdiratime", "rw,relatime"},
      {0, "rnosymfollow", "rw,relatime,nosymfollow"},
      {MS_NOSYMFOLLOW, "rsymfollow", "rw,relatime"},
  };
  for (const auto& [flags, option, expected] : cases) {
    add_mount("bind", make_outer(flags), "/" + option, {"rbind", option});
  }
  const auto shown = look();
  for (const auto& [flags, option, expected] : cases) {
    EXPECT_EQ(shown.at("/" + option + "/inner").mount, expected) << option;
  }
}

TEST_F(MountOptions, OfABindArePutOnTopOfThoseThatItHas) {
  const std::string outer = directory() + "/outer";
  std::filesystem::create_directories(outer);
  ASSERT_EQ(mount("tmpfs", outer.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOATIME, nullptr), 0);
  add_mount("bind", outer, "/plain", {"bind"});
  add_mount("bind", outer, "/more", {"bind", "ro", "noexec"});
  add_mount("bind", outer, "/less", {"bind", "suid", "relatime"});
  const auto shown = look();
  EXPECT_EQ(shown.at("/plain").mount, "rw,nosuid,nodev,noatime");
  EXPECT_EQ(shown.at("/more").mount, "ro,nosuid,nodev,noexec,noatime");
  EXPECT_EQ(shown.at("/less").mount, "rw,nodev,relatime");
}

// The kernel locks the flags of mounts that a user namespace inherits.
TEST_F(MountOptions, OfABindLeaveLockedOnesAlone) {
  const std::string outer = directory() + "/outer";
  std::filesystem::create_directories(outer);
  ASSERT_EQ(mount("tmpfs", outer.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, nullptr), 0);
  use_user_namespace();
  add_mount("bind", outer, "/srv", {"bind", "ro"});
  EXPECT_EQ(look().at("/srv").mount, "ro,nosuid,nodev,relatime");
  bundle().config["mounts"].back()["options"] = {"bind", "suid"};
  EXPECT_EQ(look().at("/srv").mount, "rw,nosuid,nodev,relatime");
}

TEST_F(MountOptions, OfARemountChangeWhatTheyName) {
  add_mount("tmpfs", "tmpfs", "/srv", {"nosuid", "noatime", "mode=711"});
  add_mount("tmpfs", "tmpfs", "/srv", {"remount", "ro", "noexec", "size=64k"});
  add_mount("bind", make_outer(0), "/bound", {"bind", "nodev"});
  add_mount("none", "none", "/bound", {"bind", "remount", "ro", "size=64k"});
  const auto shown = look();
  EXPECT_EQ(shown.at("/srv").mount, "ro,nosuid,noexec,noatime");
  EXPECT_THAT(shown.at("/srv").file_system, Contains("size=64k"));
  EXPECT_THAT(shown.at("/srv").file_system, Contains("mode=711"));
  EXPECT_THAT(shown.at("/srv").file_system, Contains("rw"));
  EXPECT_EQ(shown.at("/bound").mount, "ro,nodev,relatime");
  EXPECT_THAT(shown.at("/bound").file_system, testing::Not(Contains("size=64k")));
}

TEST_F(MountOptions, OfARemountNeedAMount) {
  std::filesystem::create_directories(rootfs("/srv"));
  add_mount("tmpfs", "tmpfs", "/srv", {"remount", "ro"});
  EXPECT_THAT(refusal(), HasSubstr("'/srv': 'remount' is for what is a mount already"));
}

}  // namespace
}  // namespace stasis::test
