// What config.json may mount at and below /proc.
#include <unistd.h>

#include <array>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;

class ProcMounts : public BusyboxTest {
 protected:
  void set_mounts() {
    bundle().config["mounts"] = nlohmann::json::array();
    bundle().config["linux"]["maskedPaths"] = nlohmann::json::array();
    bundle().config["linux"]["readonlyPaths"] = nlohmann::json::array();
  }
  // A link of the image, to a place that is a mount by then.
  void link(const std::string& target, const std::string& path) {
    ASSERT_EQ(symlink(target.c_str(), rootfs(path).c_str()), 0) << path;
  }
  void expect_refused_inside(const std::string& destination) {
    EXPECT_THAT(refusal(),
                HasSubstr("mounts[1] '" + destination +
                          "': inside of /proc, only these can be mounted over: cpuinfo"));
  }
  void expect_refused_at(const std::string& destination) {
    EXPECT_THAT(refusal(),
                HasSubstr("'" + destination + "': at /proc there can be a new mount of type proc"));
  }
};

TEST_F(ProcMounts, OnlyAProcfsIsMountedAtProc) {
  const std::string outside = make_outside("outside");
  for (const std::string type : {"bind", "tmpfs"}) {
    set_mounts();
    add_mount(type, type == "bind" ? outside : type, "/proc", {});
    expect_refused_at("/proc");
  }
  set_mounts();
  add_mount("bind", "/proc", "/proc/", {"rbind"});
  EXPECT_EQ(output("test -e /proc/self/status && echo yes"), "yes\n");
}

TEST_F(ProcMounts, FiguresOfTheMachineCanBeCovered) {
  const std::string file = make_outside("figures") + "/file";
  set_mounts();
  add_mount("proc", "proc", "/proc", {});
  for (const char* name : {"cpuinfo", "net/dev", "sys/kernel/ns_last_pid"}) {
    if (exists("/proc/" + std::string(name))) {
      add_mount("bind", file, "/proc/" + std::string(name), {"bind"});
    }
  }
  link("/proc/uptime", "/figures");
  add_mount("bind", file, "/figures", {"bind"});
  EXPECT_EQ(output("cat /proc/cpuinfo /proc/uptime"), "figuresfigures");
}

TEST_F(ProcMounts, NothingElseInsideIsCovered) {
  const std::string outside = make_outside("outside");
  for (const auto& [type, source, destination] :
       std::vector<std::array<std::string, 3>>{{"bind", outside + "/file", "/proc/version"},
                                               {"bind", outside, "/srv/../proc/sys"},
                                               {"tmpfs", "tmpfs", "/proc/fs"},
                                               {"cgroup", "cgroup", "/proc/missing"},
                                               {"proc", "proc", "/proc/self"}}) {
    set_mounts();
    add_mount("proc", "proc", "/proc", {});
    add_mount(type, source, destination, {});
    expect_refused_inside(destination);
  }
}

TEST_F(ProcMounts, SymlinksOfTheImageDoNotLeadThere) {
  const std::string outside = make_outside("outside");
  link("/proc/sys", "/to-sys");
  link("proc", "/to-proc");
  for (const char* destination : {"/to-sys", "/to-sys/kernel", "/to-proc/fs"}) {
    set_mounts();
    add_mount("proc", "proc", "/proc", {});
    add_mount("bind", outside, destination, {"bind"});
    expect_refused_inside(destination);
  }
  set_mounts();
  add_mount("proc", "proc", "/proc", {});
  add_mount("bind", outside, "/to-proc", {"bind"});
  expect_refused_at("/to-proc");
  set_mounts();
  add_mount("bind", outside, "/to-proc", {"bind"});  // before there is a procfs
  add_mount("proc", "proc", "/proc", {});
  expect_refused_at("/to-proc");
}

// Another procfs, the machine's for a monitor for example, is an ordinary mount.
TEST_F(ProcMounts, AProcfsElsewhereIsLikeAnyOther) {
  set_mounts();
  add_mount("proc", "proc", "/proc", {});
  add_mount("bind", "/proc", "/host/proc", {"rbind"});
  add_mount("bind", make_outside("x") + "/file", "/host/proc/version", {"bind"});
  EXPECT_EQ(output("cat /host/proc/version"), "x");
}

TEST_F(ProcMounts, FlagsOfProcCanChange) {
  set_mounts();
  add_mount("proc", "proc", "/proc", {});
  add_mount("none", "none", "/proc", {"remount", "bind", "ro"});
  EXPECT_EQ(output("grep -c '^proc /proc proc ro' /proc/mounts"), "1\n");
}

}  // namespace
}  // namespace stasis::test
