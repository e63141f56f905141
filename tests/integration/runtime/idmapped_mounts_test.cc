// Bind mounts whose files have other owners in the container: uidMappings and gidMappings of a
// mount, and the options idmap and ridmap.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class IdmappedMounts : public BusyboxTest {
 protected:
  // On the disk `stored`, seen as `seen`.
  void map_last_mount(unsigned stored, unsigned seen) {
    const nlohmann::json mapping{{"containerID", stored}, {"hostID", seen}, {"size", 1}};
    auto& mount = bundle().config["mounts"].back();
    mount["uidMappings"] = {mapping};
    mount["gidMappings"] = {mapping};
  }
  static unsigned owner_of(const std::string& path) {
    struct stat st {};
    EXPECT_EQ(lstat(path.c_str(), &st), 0) << path;
    EXPECT_EQ(st.st_uid, st.st_gid) << path;
    return st.st_uid;
  }
  std::string make_owned(const std::string& name, unsigned owner) const {
    const std::string path = make_outside(name);
    EXPECT_EQ(chown(path.c_str(), owner, owner), 0);
    EXPECT_EQ(chown((path + "/file").c_str(), owner, owner), 0);
    return path;
  }
};

TEST_F(IdmappedMounts, OwnersAreThoseOfTheMappingsInBothDirections) {
  const std::string outside = make_owned("outside", 1234);
  add_mount("bind", outside, "/srv", {"bind"});
  map_last_mount(1234, 0);
  EXPECT_EQ(output("stat -c %u:%g /srv/file; touch /srv/new"), "0:0\n");
  EXPECT_EQ(owner_of(outside + "/new"), 1234U);
}

TEST_F(IdmappedMounts, TheOptionAloneTakesTheContainersUserNamespace) {
  use_user_namespace();
  const std::string outside = make_owned("outside", 0);
  add_mount("bind", outside, "/mapped", {"bind", "idmap"});
  add_mount("bind", outside, "/plain", {"bind"});
  EXPECT_EQ(output("stat -c %u:%g /mapped/file /plain/file; touch /mapped/new"),
            "0:0\n65534:65534\n");
  EXPECT_EQ(owner_of(outside + "/new"), 0U);
}

TEST_F(IdmappedMounts, TheOptionAloneTakesAJoinedUserNamespaceToo) {
  use_user_namespace();
  bundle().set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("first", bundle(), stdio);
  const std::string user = "/proc/" + std::to_string(container_pid("first")) + "/ns/user";
  for (auto& one : bundle().config["linux"]["namespaces"]) {
    if (one["type"] == "user") one["path"] = user;
  }
  bundle().config["linux"].erase("uidMappings");
  bundle().config["linux"].erase("gidMappings");
  add_mount("bind", make_owned("outside", 7), "/mapped", {"bind", "idmap"});
  EXPECT_EQ(output("stat -c %u:%g /mapped/file"), "7:7\n");
}

TEST_F(IdmappedMounts, OnlyTheRecursiveOptionReachesWhatIsBelow) {
  const std::string outside = make_owned("outside", 1234);
  const std::string inner = outside + "/inner";
  std::filesystem::create_directory(inner);
  ASSERT_EQ(mount("tmpfs", inner.c_str(), "tmpfs", 0, "uid=1234,gid=1234"), 0);
  add_mount("bind", outside, "/one", {"rbind", "idmap"});
  map_last_mount(1234, 0);
  add_mount("bind", outside, "/all", {"rbind", "ridmap"});
  map_last_mount(1234, 0);
  EXPECT_EQ(output("stat -c %u:%g /one/file /one/inner /all/file /all/inner"),
            "0:0\n1234:1234\n0:0\n0:0\n");
  ASSERT_EQ(umount(inner.c_str()), 0);
}

TEST_F(IdmappedMounts, TheOptionNeedsSomeMapping) {
  add_mount("bind", make_outside("outside"), "/srv", {"bind", "idmap"});
  EXPECT_THAT(refusal(), HasSubstr("option 'idmap' needs uidMappings and gidMappings: the "
                                   "container has no user namespace to take them from"));
}

TEST_F(IdmappedMounts, AreBindMounts) {
  add_mount("tmpfs", "tmpfs", "/srv", {"idmap"});
  EXPECT_THAT(refusal(), HasSubstr("ids can be mapped for bind mounts only"));
}

TEST_F(IdmappedMounts, AFileSystemThatCannotIsNamed) {
  add_mount("bind", "/proc/sys", "/srv", {"bind"});
  map_last_mount(0, 1);
  EXPECT_THAT(refusal(), HasSubstr("'/srv': the file system of '/proc/sys', or one below it, "
                                   "cannot map ids: mount_setattr MOUNT_ATTR_IDMAP: EINVAL"));
}

TEST_F(IdmappedMounts, ComeBackInARestore) {
  add_mount("bind", make_owned("outside", 1234), "/srv", {"bind"});
  map_last_mount(1234, 0);
  bundle().set_arguments({"/bin/sh", "-c", "echo ready; read -r line; stat -c %u:%g /srv/file"});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", directory() + "/image");
  Pipes again;
  restore_container("c1", bundle(), directory() + "/image", again);
  again.write("go\n");
  EXPECT_EQ(again.next_line(), "0:0");
}

}  // namespace
}  // namespace stasis::test
