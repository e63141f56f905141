// mounts of config.json by their effect inside of a container.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using Mounts = BusyboxTest;

TEST_F(Mounts, TmpcopyupBeginsWithWhatItCovers) {
  std::filesystem::create_directories(rootfs("/srv/sub"));
  write_file(rootfs("/srv/sub/secret"), "content");
  ASSERT_EQ(chmod(rootfs("/srv/sub/secret").c_str(), 0666 | S_ISGID), 0);
  ASSERT_EQ(chown(rootfs("/srv/sub").c_str(), 12, 34), 0);
  ASSERT_EQ(symlink("/etc/passwd", rootfs("/srv/link").c_str()), 0);
  ASSERT_EQ(mkfifo(rootfs("/srv/fifo").c_str(), 0600), 0);
  add_mount("tmpfs", "tmpfs", "/srv", {"tmpcopyup"});
  EXPECT_EQ(output("cat /srv/sub/secret; echo; stat -c '%n %F %a %u:%g' /srv/* /srv/sub/secret;"
                   "readlink /srv/link; echo changed > /srv/sub/secret; stat -f -c %T /srv"),
            "content\n"
            "/srv/fifo fifo 600 0:0\n"
            "/srv/link symbolic link 777 0:0\n"
            "/srv/sub directory 755 12:34\n"
            "/srv/sub/secret regular file 2666 0:0\n"
            "/etc/passwd\n"
            "tmpfs\n");
  EXPECT_EQ(read_file(rootfs("/srv/sub/secret")), "content");
}

TEST_F(Mounts, TmpcopyupIsForTmpfsOnly) {
  add_mount("proc", "proc", "/srv", {"tmpcopyup"});
  EXPECT_THAT(refusal(), HasSubstr("option 'tmpcopyup' is for tmpfs, not for proc"));
}

TEST_F(Mounts, ATmpfsWithoutModeTakesThatOfTheDirectory) {
  std::filesystem::create_directories(rootfs("/srv"));
  ASSERT_EQ(chmod(rootfs("/srv").c_str(), 01733), 0);
  add_mount("tmpfs", "tmpfs", "/srv", {});
  EXPECT_EQ(output("stat -c %a /srv"), "1733\n");
}

// "ro" is about the mount itself, "rro" about all that lies below it as well.
TEST_F(Mounts, RecursiveOptionsReachWhatIsBelow) {
  const std::string outer = make_outside("outer");
  std::filesystem::create_directories(outer + "/inner");
  ASSERT_EQ(mount("tmpfs", (outer + "/inner").c_str(), "tmpfs", 0, nullptr), 0);
  add_mount("bind", outer, "/plain", {"rbind", "ro"});
  add_mount("bind", outer, "/recursive", {"rbind", "rro"});
  EXPECT_EQ(output("for place in plain plain/inner recursive recursive/inner; do"
                   "  touch /$place/x 2>/dev/null && echo $place writable || echo $place ro; done"),
            "plain ro\nplain/inner writable\nrecursive ro\nrecursive/inner ro\n");
}

TEST_F(Mounts, AFileIsBoundToAFileThatIsMade) {
  const std::string outer = make_outside("outer");
  add_mount("bind", outer + "/file", "/etc/new/file", {"bind", "ro"});
  EXPECT_EQ(output("cat /etc/new/file; echo x > /etc/new/file 2>/dev/null || echo ' ro'"),
            "outer ro\n");
}

// Symbolic links of the image lead to places of the host's outside: never for a mount.
TEST_F(Mounts, DestinationsStayInsideTheRoot) {
  const std::string outer = make_outside("outer");
  const std::string secret = make_outside("secret");
  ASSERT_EQ(symlink(secret.c_str(), rootfs("/absolute").c_str()), 0);
  ASSERT_EQ(symlink("../../../../../../../..", rootfs("/up").c_str()), 0);
  add_mount("bind", outer, "/absolute", {"bind"});
  add_mount("bind", outer, "/up" + directory() + "/secret2", {"bind"});
  EXPECT_EQ(output("cat /absolute/file /up" + directory() + "/secret2/file"), "outerouter");
  EXPECT_EQ(read_file(secret + "/file"), "secret");
  EXPECT_FALSE(exists(directory() + "/secret2"));
  EXPECT_TRUE(std::filesystem::exists(rootfs(directory() + "/secret2")));
}

TEST_F(Mounts, DotsDoNotLeadOutOfTheRoot) {
  const std::string outer = make_outside("outer");
  add_mount("bind", outer, "/etc/../../../../.." + directory() + "/secret", {"bind"});
  EXPECT_EQ(output("cat " + directory() + "/secret/file"), "outer");
  EXPECT_FALSE(exists(directory() + "/secret"));
}

TEST_F(Mounts, ProcAndSysMustNotBeSymlinks) {
  for (const std::string type : {"proc", "sysfs"}) {
    ASSERT_EQ(symlink("/tmp", rootfs("/" + type + "-link").c_str()), 0);
    add_mount(type, type, "/" + type + "-link", {});
    EXPECT_THAT(refusal(), HasSubstr(type + " must be mounted on an ordinary directory, not a symlink"));
    bundle().config["mounts"].erase(bundle().config["mounts"].size() - 1);
  }
}

TEST_F(Mounts, ABindWithoutItsSourceNamesIt) {
  add_mount("bind", "/absent/source", "/srv", {"bind"});
  EXPECT_THAT(refusal(), HasSubstr("'/srv': binding '/absent/source': "));
}

TEST_F(Mounts, ARestoreMakesMissingMountPointsAgain) {
  add_mount("bind", make_outside("outer"), "/made/place", {"bind"});
  bundle().set_arguments({"/bin/sh", "-c", "echo ready; read -r line; cat /made/place/file"});
  Pipes stdio;
  start_container("c1", bundle(), stdio);
  ASSERT_EQ(stdio.next_line(), "ready");
  checkpoint_container("c1", directory() + "/image");
  ASSERT_EQ(std::filesystem::remove_all(rootfs("/made")), 2U);
  Pipes again;
  restore_container("c1", bundle(), directory() + "/image", again);
  again.write("go\n");
  again.read_to_end();
  EXPECT_EQ(again.all_out(), "outer");
}

TEST_F(Mounts, MaskedDirectoriesAreEmptyAndShareOneFileSystem) {
  for (const char* name : {"/one", "/two"}) {
    std::filesystem::create_directories(rootfs(name));
    write_file(rootfs(std::string(name) + "/file"), "x");
    bundle().config["linux"]["maskedPaths"].push_back(name);
  }
  write_file(rootfs("/masked-file"), "x");
  bundle().config["linux"]["maskedPaths"].push_back("/masked-file");
  EXPECT_EQ(output("ls /one /two; cat /masked-file; touch /one/x 2>/dev/null || echo ro;"
                   "[ $(stat -c %d /one) = $(stat -c %d /two) ] && echo same"),
            "/one:\n\n/two:\nro\nsame\n");
}

// What the host mounts later is seen where that was asked for.
TEST_F(Mounts, PropagationHasItsEffect) {
  const std::string outer = directory() + "/outer";
  std::filesystem::create_directories(outer);
  ASSERT_EQ(mount("tmpfs", outer.c_str(), "tmpfs", 0, nullptr), 0);
  ASSERT_EQ(mount(nullptr, outer.c_str(), nullptr, MS_SHARED, nullptr), 0);
  std::filesystem::create_directories(outer + "/later");
  add_mount("bind", outer, "/slave", {"rbind", "rslave"});
  add_mount("bind", outer, "/private", {"rbind", "rprivate"});
  start_sleeper();
  ASSERT_EQ(mount("tmpfs", (outer + "/later").c_str(), "tmpfs", 0, nullptr), 0);
  EXPECT_EQ(exec_output({}, "grep -E -o ' /(slave|private)/later ' /proc/self/mountinfo"),
            " /slave/later \n");
}

TEST_F(Mounts, RootfsPropagationIsThatOfTheRoot) {
  const char* show = "grep ' / / ' /proc/self/mountinfo";
  auto& propagation = bundle().config["linux"]["rootfsPropagation"];
  propagation = "shared";
  EXPECT_THAT(output(show), HasSubstr(" shared:"));
  propagation = "unbindable";
  EXPECT_THAT(output(show), HasSubstr(" unbindable"));
  propagation = "private";
  EXPECT_THAT(output(show), testing::Not(testing::ContainsRegex("shared:|master:|unbindable")));
  propagation = "rsomething";
  EXPECT_THAT(refusal(), HasSubstr("rootfsPropagation"));
}

TEST_F(Mounts, PropagationIsWhatWasAskedFor) {
  const std::string outer = make_outside("outer");
  add_mount("bind", outer, "/private", {"bind", "private"});
  add_mount("bind", outer, "/shared", {"bind", "shared"});
  add_mount("bind", outer, "/unbindable", {"bind", "unbindable"});
  const std::string lines = output("grep -E ' /(private|shared|unbindable) ' /proc/self/mountinfo");
  EXPECT_THAT(lines, testing::ContainsRegex("/shared [^\n]* shared:"));
  EXPECT_THAT(lines, testing::ContainsRegex("/unbindable [^\n]* unbindable"));
  EXPECT_THAT(lines, testing::Not(testing::ContainsRegex("/private [^\n]* (shared|master):")));
}

}  // namespace
}  // namespace stasis::test
