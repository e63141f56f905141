// linux.devices, the devices that every container has, and what the device rules leave of them.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Devices : public BusyboxTest {
 protected:
  nlohmann::json& linux_part() { return bundle().config["linux"]; }
  // /dev/fuse: anybody may open it, and no container has it by default.
  void add_fuse() {
    linux_part()["devices"] = {
        {{"type", "c"}, {"path", "/dev/x"}, {"major", 10}, {"minor", 229}, {"fileMode", 0666}}};
  }
  static constexpr const char* kOpen = "(: <> /dev/x) 2>&1 && echo opened";
};

TEST_F(Devices, AreMadeAsTheyAreDescribed) {
  linux_part()["devices"] = {
      {{"type", "c"}, {"path", "/dev/one"}, {"major", 10}, {"minor", 229}, {"fileMode", 0640}},
      {{"type", "u"},
       {"path", "/dev/two"},
       {"major", 10},
       {"minor", 228},
       {"uid", 12},
       {"gid", 34}},
      {{"type", "b"}, {"path", "/new/dir/three"}, {"major", 7}, {"minor", 1}, {"fileMode", 0600}},
      {{"type", "p"}, {"path", "/dev/four"}, {"fileMode", 0622}}};
  process()["user"]["umask"] = 0777;
  EXPECT_EQ(output("stat -c '%F %t:%T %a %u:%g' /dev/one /dev/two /new/dir/three /dev/four"),
            "character special file a:e5 640 0:0\n"
            "character special file a:e4 666 12:34\n"
            "block special file 7:1 600 0:0\n"
            "fifo 0:0 622 0:0\n");
}

TEST_F(Devices, OfEveryContainerAreThere) {
  EXPECT_EQ(output("cd /dev; stat -c '%n %F %t:%T %a %u:%g' null zero full random urandom tty;"
                   "for link in fd stdin stdout stderr ptmx; do readlink $link; done"),
            "null character special file 1:3 666 0:0\n"
            "zero character special file 1:5 666 0:0\n"
            "full character special file 1:7 666 0:0\n"
            "random character special file 1:8 666 0:0\n"
            "urandom character special file 1:9 666 0:0\n"
            "tty character special file 5:0 666 0:0\n"
            "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\n");
}

TEST_F(Devices, AreBoundFromTheHostInAUserNamespace) {
  use_user_namespace();
  EXPECT_EQ(output("stat -c '%t:%T' /dev/null; head -c 3 /dev/zero | wc -c; echo x > /dev/null"),
            "1:3\n3\n");
}

TEST_F(Devices, AreOpenedOnlyWithARule) {
  add_fuse();
  EXPECT_THAT(run(kOpen).out, HasSubstr("Operation not permitted"));
  linux_part()["resources"]["devices"].push_back(
      {{"allow", true}, {"type", "c"}, {"major", 10}, {"minor", 229}, {"access", "r"}});
  EXPECT_THAT(run(kOpen).out, HasSubstr("Operation not permitted"));
  linux_part()["resources"]["devices"].back()["access"] = "rw";
  EXPECT_EQ(run(kOpen).out, "opened\n");
}

// As with runc, whose own rules follow those of config.json: making a node gives no right to it.
TEST_F(Devices, MayBeMadeByTheContainerButNotOpened) {
  bundle().allow_all_capabilities();
  linux_part()["resources"]["devices"] =
      nlohmann::json::parse(R"([{"allow": false, "access": "rwm"}])");
  const Finished finished = run("mknod /dev/y c 10 229 && echo made; : < /dev/y");
  EXPECT_EQ(finished.out, "made\n");
  EXPECT_THAT(finished.err, HasSubstr("/dev/y: Operation not permitted"));
}

TEST_F(Devices, AnImagesOwnOfTheSameKindStays) {
  bundle().config["mounts"] = nlohmann::json::array();
  std::filesystem::create_directories(rootfs("/dev"));
  ASSERT_EQ(mknod(rootfs("/dev/x").c_str(), S_IFCHR | 0600, makedev(10, 229)), 0);
  add_fuse();
  EXPECT_EQ(output("stat -c '%t:%T' /dev/x"), "a:e5\n");
  linux_part()["devices"][0]["minor"] = 228;
  EXPECT_THAT(refusal(), HasSubstr("device '/dev/x': "));
}

TEST_F(Devices, AreNotMadeInABoundDev) {
  const std::string outside = make_outside("dev");
  bundle().config["mounts"] = nlohmann::json::array();
  add_mount("bind", outside, "/dev", {"bind"});
  EXPECT_EQ(output("ls /dev"), "file\n");
  EXPECT_THAT(list_tree(outside), ElementsAre("file"));
}

// They belong to everybody, whoever has them as standard input and output.
TEST_F(Devices, OfTheCallerKeepTheirOwner) {
  const std::string place = directory() + "/dev";
  std::filesystem::create_directories(place);
  ASSERT_EQ(mount("tmpfs", place.c_str(), "tmpfs", 0, nullptr), 0);
  const std::string path = place + "/null";
  ASSERT_EQ(mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  const auto reopen = [&] { return UniqueFd(open(path.c_str(), O_RDWR | O_CLOEXEC)); };
  process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  bundle().set_arguments({"/bin/true"});
  bundle().save();
  Program program = runtime().start({"run", "--bundle", bundle().directory(), "c1"},
                                    {reopen(), reopen(), reopen()});
  EXPECT_EQ(program.wait(), 0);
  struct stat st {};
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, 0U);
  EXPECT_EQ(st.st_gid, 0U);
  EXPECT_EQ(st.st_rdev, makedev(1, 3));
}

}  // namespace
}  // namespace stasis::test
