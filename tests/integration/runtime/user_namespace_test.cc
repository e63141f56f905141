// Containers with a user namespace: whose ids they have, what root may there, who joins it, and
// what is refused.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/console.h"
#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"
#include "integration/support/user_namespace_bundle.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kWait = "echo ready; read line; exit";

class UserNamespace : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    use_user_namespace(*bundle_);
  }
  void set_script(const std::string& script) {
    bundle_->set_arguments({"/bin/sh", "-c", script});
    bundle_->save();
  }
  Finished run(const std::string& script) {
    set_script(script);
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::string output(const std::string& script) {
    const Finished finished = run(script);
    EXPECT_EQ(finished.status, 0) << finished.err << runtime().log();
    return finished.out;
  }
  void start(const std::string& script = kWait) {
    set_script(script);
    start_container("c1", *bundle_, stdio_);
    ASSERT_EQ(stdio_.next_line(), "ready");
  }
  std::string exec(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "exec");
    return expect_success(arguments).out;
  }
  void expect_refused(const std::string& why) {
    EXPECT_EQ(run("true").status, 1);
    EXPECT_THAT(runtime().log(), HasSubstr(why));
  }
  // "uid:gid" on the host of a file in the root.
  std::string owner_of(const std::string& path) const {
    struct stat st {};
    must(lstat((bundle_->rootfs() + path).c_str(), &st), path);
    return fmt::format("{}:{}", st.st_uid, st.st_gid);
  }
  std::string namespace_of(pid_t pid, const std::string& kind) const {
    return std::filesystem::read_symlink(fmt::format("/proc/{}/ns/{}", pid, kind));
  }
  void add_capability(const std::string& name) {
    for (const char* set : {"bounding", "effective", "permitted"}) {
      bundle_->config["process"]["capabilities"][set].push_back(name);
    }
  }

  std::unique_ptr<Bundle> bundle_;
  Pipes stdio_;
};

TEST_F(UserNamespace, MapsEveryRange) {
  EXPECT_THAT(output("cat /proc/self/uid_map; echo; cat /proc/self/gid_map"),
              ContainsRegex("^ +0 +100000 +1000\n +1000 +300000 +64536\n\n +0 +200000 +65536\n$"));
}

TEST_F(UserNamespace, FilesBelongToTheMappedIds) {
  add_capability("CAP_CHOWN");
  output("touch /tmp/mine /tmp/given; chown 1234:55 /tmp/given");
  EXPECT_EQ(owner_of("/tmp/mine"), "100000:200000");
  EXPECT_EQ(owner_of("/tmp/given"), "300234:200055");
}

TEST_F(UserNamespace, TheProcessIsTheUserThatIsAskedFor) {
  bundle_->config["process"]["user"] = {{"uid", 1000}, {"gid", 7}, {"additionalGids", {8, 9}}};
  set_script("id; touch /tmp/mine; echo ready; read line");
  start_container("c1", *bundle_, stdio_);
  EXPECT_EQ(stdio_.next_line(), "uid=1000 gid=7 groups=8,9");
  EXPECT_EQ(stdio_.next_line(), "ready");
  EXPECT_EQ(owner_of("/tmp/mine"), "300000:200007");
  EXPECT_THAT(read_file(fmt::format("/proc/{}/status", container_pid("c1"))),
              HasSubstr("\nGroups:\t200008 200009 \n"));
}

TEST_F(UserNamespace, RootIsRootInsideOnly) {
  bundle_->allow_all_capabilities();
  write_file(directory() + "/secret", "secret");
  ASSERT_EQ(chmod((directory() + "/secret").c_str(), 0600), 0);
  bundle_->config["mounts"].push_back({{"type", "bind"},
                                       {"source", directory() + "/secret"},
                                       {"destination", "/mnt/secret"},
                                       {"options", {"bind"}}});
  EXPECT_EQ(output("mount -t tmpfs tmpfs /tmp && hostname inside && hostname;"
                   "mknod /tmp/null c 1 3 2>/dev/null || echo no mknod;"
                   "cat /mnt/secret 2>/dev/null || echo no secret"),
            "inside\nno mknod\nno secret\n");
}

// What the runtime itself lacks on the host counts for nothing inside.
TEST_F(UserNamespace, CapabilitiesAreThoseOfTheConfiguration) {
  add_capability("CAP_SYS_RESOURCE");
  EXPECT_THAT(
      output("grep Cap /proc/self/status"),
      AllOf(HasSubstr("CapEff:\t0000000021000420\n"), HasSubstr("CapBnd:\t0000000021000420\n")));
  EXPECT_THAT(runtime().log(), Not(HasSubstr("that the runtime lacks")));
}

TEST_F(UserNamespace, ExecJoinsIt) {
  start();
  EXPECT_EQ(exec({"c1", "readlink", "/proc/self/ns/user"}),
            namespace_of(container_pid("c1"), "user") + "\n");
  EXPECT_NE(namespace_of(container_pid("c1"), "user"), namespace_of(getpid(), "user"));
  exec({"--user", "1000:7", "c1", "touch", "/tmp/mine"});
  EXPECT_EQ(owner_of("/tmp/mine"), "300000:200007");
  exec({"c1", "touch", "/tmp/roots"});
  EXPECT_EQ(owner_of("/tmp/roots"), "100000:200000");
}

TEST_F(UserNamespace, ExecAsAnIdThatIsNotMappedIsRefused) {
  start();
  EXPECT_EQ(runtime().run({"exec", "--user", "70000", "c1", "true"}).status, 255);
  EXPECT_THAT(runtime().log(), HasSubstr("process.user.uid: id 70000 is not mapped: "
                                         "linux.uidMappings has 0-999, 1000-65535"));
}

TEST_F(UserNamespace, AnIdThatIsNotMappedIsNamed) {
  bundle_->config["process"]["user"]["gid"] = 65'536;
  expect_refused("process.user.gid: id 65536 is not mapped: linux.gidMappings has 0-65535");
}

TEST_F(UserNamespace, IsJoinedByPathAndOwnsTheNewNamespaces) {
  start();
  const pid_t first = container_pid("c1");
  Bundle second = make_bundle("second");
  second.use_tree(find_tree("busybox"));
  use_user_namespace(second);
  second.allow_all_capabilities();
  second.config["linux"].erase("uidMappings");
  second.config["linux"].erase("gidMappings");
  second.config["linux"]["namespaces"].back()["path"] = fmt::format("/proc/{}/ns/user", first);
  second.set_arguments({"/bin/sh", "-c",
                        "readlink /proc/self/ns/user; id -u; hostname second && hostname;"
                        "ifconfig lo down && echo down; touch /tmp/mine"});
  second.save();
  EXPECT_EQ(expect_success({"run", "--bundle", second.directory(), "c2"}).out,
            namespace_of(first, "user") + "\n0\nsecond\ndown\n");
  struct stat st {};
  ASSERT_EQ(stat((second.rootfs() + "/tmp/mine").c_str(), &st), 0);
  EXPECT_EQ(st.st_uid, kRootUid);
}

// setgroups(2) is denied for good where the ids were mapped by who could not have called it.
TEST_F(UserNamespace, WithoutSetgroupsThereAreNoMoreGroups) {
  Pipes holder_stdio;
  const Program holder({"unshare", "--user", "sh", "-c", kWait}, {},
                       holder_stdio.take_other_ends());
  ASSERT_EQ(holder_stdio.next_line(), "ready");
  const std::string proc = fmt::format("/proc/{}/", holder.pid());
  write_file(proc + "setgroups", "deny");
  write_file(proc + "uid_map", "0 100000 1000");
  write_file(proc + "gid_map", "0 200000 1000");
  bundle_->config["linux"]["namespaces"].back()["path"] = proc + "ns/user";
  EXPECT_EQ(output("cat /proc/self/setgroups; id"), "deny\nuid=0(root) gid=0(root)\n");
  bundle_->config["process"]["user"]["additionalGids"] = {7};
  expect_refused("process.user.additionalGids: the user namespace denies setgroups");
}

TEST_F(UserNamespace, HooksOfTheRuntimeAreOnTheHostAndThoseOfTheContainerInside) {
  const std::string seen = directory() + "/seen";
  std::filesystem::create_directories(seen);
  std::filesystem::permissions(seen, std::filesystem::perms::all);
  for (const char* kind : {"createRuntime", "createContainer", "poststop"}) {
    bundle_->config["hooks"][kind] = {
        {{"path", "/bin/sh"},
         {"args", {"sh", "-c", fmt::format("readlink /proc/self/ns/user > {}/{}", seen, kind)}}}};
  }
  const std::string inside = output("readlink /proc/self/ns/user");
  const std::string outside = namespace_of(getpid(), "user") + "\n";
  EXPECT_EQ(read_file(seen + "/createRuntime"), outside);
  EXPECT_EQ(read_file(seen + "/createContainer"), inside);
  EXPECT_EQ(read_file(seen + "/poststop"), outside);
}

TEST_F(UserNamespace, TheCgroupNamespaceBeginsAtTheContainer) {
  bundle_->config["linux"]["namespaces"].push_back({{"type", "cgroup"}});
  const std::string found = output("cat /proc/self/cgroup");
  EXPECT_THAT(found, HasSubstr(":pids:/\n"));
  EXPECT_THAT(found, Not(HasSubstr("c1")));
}

TEST_F(UserNamespace, TheTerminalBelongsToTheUserInside) {
  bundle_->config["process"]["terminal"] = true;
  bundle_->config["process"]["user"] = {{"uid", 1000}, {"gid", 7}};
  set_script("stat -c '%u:%g' /dev/pts/0; stat -c '%u:%g' /dev/console; stty size");
  const std::string socket = directory() + "/console.sock";
  Console console(socket);
  will_delete("c1");
  expect_success(
      {"run", "--detach", "--console-socket", socket, "--bundle", bundle_->directory(), "c1"});
  console.accept();
  console.expect("1000:5\r\n1000:5\r\n");
}

TEST_F(UserNamespace, SysctlsAreOfItsNamespaces) {
  bundle_->config["linux"]["sysctl"] = {{"net.ipv4.ip_forward", "1"}, {"kernel.msgmax", "4097"}};
  EXPECT_EQ(output("cd /proc/sys; cat net/ipv4/ip_forward kernel/msgmax"), "1\n4097\n");
}

TEST_F(UserNamespace, FiltersWithoutNewPrivileges) {
  bundle_->config["process"]["noNewPrivileges"] = true;
  bundle_->config["linux"]["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", {{{"names", {"sethostname"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 95}}}}};
  EXPECT_EQ(output("hostname x 2>&1; grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status"),
            "hostname: sethostname: Operation not supported\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_F(UserNamespace, LifeCycleCommandsReachIt) {
  start();
  expect_success({"pause", "c1"});
  EXPECT_EQ(container_status("c1"), "paused");
  expect_success({"resume", "c1"});
  EXPECT_THAT(expect_success({"ps", "c1"}).out, HasSubstr("sh"));
  expect_success({"kill", "c1", "KILL"});
  expect_success({"delete", "--force", "c1"});
  expect_gone("c1");
}

TEST_F(UserNamespace, CheckpointIsRefusedAndTheContainerGoesOn) {
  start("echo ready; read line; echo got $line");
  const std::string image = directory() + "/image";
  EXPECT_EQ(runtime().run({"checkpoint", "--image-path", image, "c1"}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("cannot checkpoint container 'c1': containers with a "
                                         "user namespace cannot be checkpointed"));
  EXPECT_FALSE(exists(image + "/checkpoint.img"));
  stdio_.write("word\n");
  EXPECT_EQ(stdio_.next_line(), "got word");
}

TEST_F(UserNamespace, NothingIsRestoredIntoIt) {
  Bundle plain = make_bundle("plain");
  plain.use_tree(find_tree("busybox"));
  plain.set_arguments({"/bin/sh", "-c", kWait});
  start_container("c1", plain, stdio_);
  ASSERT_EQ(stdio_.next_line(), "ready");
  const std::string image = directory() + "/image";
  checkpoint_container("c1", image);
  bundle_->save();
  EXPECT_EQ(runtime()
                .run({"restore", "--image-path", image, "--bundle", bundle_->directory(), "c1"})
                .status,
            1);
  EXPECT_THAT(runtime().log(),
              HasSubstr("linux.namespaces: a container cannot be restored into a user namespace: "
                        "leave 'user' out"));
  expect_gone("c1");
}

}  // namespace
}  // namespace stasis::test
