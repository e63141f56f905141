// mounts of config.json by their effect inside of a container.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using Strings = std::vector<std::string>;

class Mounts : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
  }
  void add_mount(const std::string& type, const std::string& source, const std::string& target,
                 const Strings& options) {
    bundle_->config["mounts"].push_back(
        {{"type", type}, {"source", source}, {"destination", target}, {"options", options}});
  }
  Finished run(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::string output(const std::string& script) {
    const Finished finished = run(script);
    EXPECT_EQ(finished.status, 0) << finished.err << runtime().log();
    return finished.out;
  }
  std::string rootfs(const std::string& path) const { return bundle_->rootfs() + path; }
  // A directory of the host with a file in it.
  std::string make_outside(const std::string& name) const {
    const std::string path = directory() + "/" + name;
    std::filesystem::create_directories(path);
    write_file(path + "/file", name);
    return path;
  }

  std::unique_ptr<Bundle> bundle_;
};

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
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("option 'tmpcopyup' is for tmpfs, not for proc"));
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

TEST_F(Mounts, ABindKeepsTheFlagsThatAreNotAskedFor) {
  const std::string outer = make_outside("outer");
  add_mount("bind", outer, "/srv", {"bind", "nosuid"});
  EXPECT_THAT(output("grep ' /srv ' /proc/self/mountinfo"), HasSubstr("nosuid"));
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

TEST_F(Mounts, ProcMustNotBeASymlink) {
  std::filesystem::remove_all(rootfs("/proc"));
  ASSERT_EQ(symlink("/tmp", rootfs("/proc").c_str()), 0);
  EXPECT_EQ(run("true").status, 1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("proc must be mounted on an ordinary directory, not a symlink"));
}

TEST_F(Mounts, MaskedDirectoriesAreEmptyAndShareOneFileSystem) {
  for (const char* name : {"/one", "/two"}) {
    std::filesystem::create_directories(rootfs(name));
    write_file(rootfs(std::string(name) + "/file"), "x");
    bundle_->config["linux"]["maskedPaths"].push_back(name);
  }
  write_file(rootfs("/masked-file"), "x");
  bundle_->config["linux"]["maskedPaths"].push_back("/masked-file");
  EXPECT_EQ(output("ls /one /two; cat /masked-file; touch /one/x 2>/dev/null || echo ro;"
                   "[ $(stat -c %d /one) = $(stat -c %d /two) ] && echo same"),
            "/one:\n\n/two:\nro\nsame\n");
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
