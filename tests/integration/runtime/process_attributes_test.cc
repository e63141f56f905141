// What of config.json a process finds in its own attributes: environment, limits, names, clocks.
// Privileges are in process_privileges_test.cc.
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr const char* kPath = "PATH=/usr/bin:/bin";

class ProcessAttributes : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
  }
  json& process() { return bundle_->config["process"]; }
  Finished run(const std::vector<std::string>& arguments) {
    bundle_->set_arguments(arguments);
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  std::string output(const std::string& script) {
    const Finished finished = run({"/bin/sh", "-c", script});
    EXPECT_EQ(finished.status, 0) << finished.err << runtime().log();
    return finished.out;
  }
  // The run fails and says so.
  void expect_refusal(const std::string& message) {
    EXPECT_EQ(run({"/bin/true"}).status, 1);
    EXPECT_THAT(runtime().log(), HasSubstr(message));
    expect_gone("c1");
  }
  void give_user(unsigned uid, const std::string& passwd) {
    process()["user"] = {{"uid", uid}, {"gid", uid}};
    write_file(bundle_->rootfs() + "/etc/passwd", passwd);
  }
  void make_closed_directory(unsigned owner) const {
    const std::string path = bundle_->rootfs() + "/closed";
    std::filesystem::create_directories(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ASSERT_EQ(chown(path.c_str(), owner, owner), 0);
  }
  // The runtime, executed by another program.
  Finished run_by(std::vector<std::string> command) const {
    for (const std::string& word :
         {Runtime::binary(), std::string("--root"), directory() + "/root", std::string("--log"),
          directory() + "/log", std::string("run"), std::string("--bundle"), bundle_->directory(),
          std::string("c1")}) {
      command.push_back(word);
    }
    return run_program(command);
  }
  std::unique_ptr<Bundle> bundle_;
};

TEST_F(ProcessAttributes, TheUmaskIsSetOr022) {
  EXPECT_EQ(output("umask"), "0022\n");
  process()["user"]["umask"] = 0027;
  EXPECT_EQ(output("umask; touch /tmp/file; stat -c %a /tmp/file"), "0027\n640\n");
}

TEST_F(ProcessAttributes, TheNamesOfTheHostAreSet) {
  bundle_->config["hostname"] = "box";
  bundle_->config["domainname"] = "example.org";
  EXPECT_EQ(output("hostname; cat /proc/sys/kernel/domainname"), "box\nexample.org\n");
  EXPECT_NE(read_file("/proc/sys/kernel/domainname"), "example.org\n");
  std::erase_if(bundle_->config["linux"]["namespaces"].get_ref<json::array_t&>(),
                [](const json& one) { return one["type"] == "uts"; });
  bundle_->config.erase("hostname");
  expect_refusal("domainname: setting it needs a 'uts' namespace in linux.namespaces");
}

TEST_F(ProcessAttributes, TheOomScoreIsSetOrKept) {
  const std::string own = read_file("/proc/self/oom_score_adj");
  EXPECT_EQ(output("cat /proc/self/oom_score_adj"), own);
  process()["oomScoreAdj"] = 321;
  EXPECT_EQ(output("cat /proc/self/oom_score_adj"), "321\n");
  process()["oomScoreAdj"] = 1001;
  expect_refusal("process.oomScoreAdj: ");
}

TEST_F(ProcessAttributes, HomeIsThatOfTheUser) {
  give_user(1000, "root:x:0:0::/root:/bin/sh\nw:x:1000:1000::/home/w:/bin/sh\n");
  process()["env"] = {kPath};
  EXPECT_EQ(output("echo $HOME"), "/home/w\n");
  process()["env"] = {"HOME=", kPath};
  EXPECT_EQ(run({"env"}).out, std::string(kPath) + "\nHOME=/home/w\n");
  process()["env"] = {kPath, "HOME=/elsewhere"};
  EXPECT_EQ(output("echo $HOME"), "/elsewhere\n");
  process()["env"] = {kPath};
  give_user(1001, "root:x:0:0::/root:/bin/sh\n");
  EXPECT_EQ(output("echo $HOME"), "/\n");
}

TEST_F(ProcessAttributes, HomeNeedsNoReadablePasswd) {
  process()["env"] = {kPath};
  unlink((bundle_->rootfs() + "/etc/passwd").c_str());
  EXPECT_EQ(output("echo $HOME"), "/\n");
}

TEST_F(ProcessAttributes, OfVariablesTheLastOneCounts) {
  process()["env"] = {"PATH=/nowhere", "A=1", "B=2", kPath, "A=3", "HOME=/"};
  EXPECT_EQ(run({"env"}).out, "B=2\nPATH=/usr/bin:/bin\nA=3\nHOME=/\n") << runtime().log();
}

TEST_F(ProcessAttributes, OfExecAreCheckedToo) {
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  const auto refusal = [&](const std::string& flag, const std::string& value) {
    const Finished finished = runtime().run({"exec", flag, value, "c1", "true"});
    EXPECT_EQ(finished.status, 255);
    return finished.err;
  };
  EXPECT_THAT(refusal("--env", "NAMELESS"), HasSubstr("expected NAME=VALUE, found 'NAMELESS'"));
  EXPECT_THAT(refusal("--user", "4294967295"),
              HasSubstr("process.user.uid: 4294967295 is no user"));
}

TEST_F(ProcessAttributes, TheProgramIsSearchedInPathAndKeepsItsName) {
  process()["env"] = {"PATH=/nowhere:/etc/passwd:/bin"};
  const Finished finished = run({"cat", "/proc/self/cmdline"});
  EXPECT_EQ(finished.out, std::string("cat\0/proc/self/cmdline\0", 23)) << runtime().log();
  // Relative to the directory it starts in.
  process()["cwd"] = "/bin";
  EXPECT_EQ(run({"./cat", "/proc/self/cmdline"}).out,
            std::string("./cat\0/proc/self/cmdline\0", 25));
  process()["env"] = {"PATH=/nowhere"};
  EXPECT_EQ(run({"cat"}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("exec cat: executable file not found in $PATH"));
}

TEST_F(ProcessAttributes, TheDirectoryIsMade) {
  process()["cwd"] = "/made/for/it";
  EXPECT_EQ(output("pwd"), "/made/for/it\n");
}

TEST_F(ProcessAttributes, WhatIsNoDirectoryIsNamed) {
  // Engines make exit statuses of these words.
  process()["cwd"] = "/bin/sh";
  expect_refusal("process.cwd: chdir '/bin/sh': not a directory");
}

TEST_F(ProcessAttributes, TheDirectoryMayBeClosedToTheUser) {
  give_user(1000, "");
  make_closed_directory(0);
  process()["capabilities"] = json::object();
  process()["cwd"] = "/closed";
  EXPECT_EQ(run({"readlink", "/proc/self/cwd"}).out, "/closed\n") << runtime().log();
}

TEST_F(ProcessAttributes, TheDirectoryMayBeClosedToTheRuntime) {
  give_user(1000, "");
  make_closed_directory(1000);
  process()["capabilities"] = json::object();
  process()["cwd"] = "/closed";
  bundle_->set_arguments({"readlink", "/proc/self/cwd"});
  bundle_->save();
  const std::vector<std::string> without_rights{"setpriv", "--bounding-set",
                                                "-dac_override,-dac_read_search"};
  EXPECT_EQ(run_by(without_rights).out, "/closed\n") << runtime().log();
  process()["user"] = {{"uid", 1001}, {"gid", 1001}};
  bundle_->save();
  EXPECT_EQ(run_by(without_rights).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("process.cwd: chdir '/closed': permission denied"));
}

TEST_F(ProcessAttributes, LimitsAreSet) {
  process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 123}, {"hard", 456}},
                          {{"type", "RLIMIT_CORE"}, {"soft", 0}, {"hard", RLIM_INFINITY}},
                          {{"type", "RLIMIT_RTTIME"}, {"soft", 1'000'000}, {"hard", 2'000'000}},
                          {{"type", "RLIMIT_STACK"}, {"soft", 1 << 20}, {"hard", 1 << 21}}};
  const std::string limits = output("cat /proc/self/limits");
  EXPECT_THAT(limits, ContainsRegex("Max open files +123 +456 "));
  EXPECT_THAT(limits, ContainsRegex("Max core file size +0 +unlimited "));
  EXPECT_THAT(limits, ContainsRegex("Max realtime timeout +1000000 +2000000 "));
  EXPECT_THAT(limits, ContainsRegex("Max stack size +1048576 +2097152 "));
}

TEST_F(ProcessAttributes, LimitsMayBeLowerThanTheRuntimesNeeds) {
  // Descriptors: those of the program itself, beyond its standard ones.
  process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 5}, {"hard", 6}}};
  EXPECT_EQ(output("ulimit -n; ulimit -Hn"), "5\n6\n");
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  EXPECT_EQ(expect_success({"exec", "c1", "sh", "-c", "ulimit -n; ulimit -Hn"}).out, "5\n6\n");
}

TEST_F(ProcessAttributes, LimitsHoldInAUserNamespaceToo) {
  for (const char* mappings : {"uidMappings", "gidMappings"}) {
    bundle_->config["linux"][mappings] = {{{"containerID", 0}, {"hostID", 0}, {"size", 65536}}};
  }
  bundle_->config["linux"]["namespaces"].push_back({{"type", "user"}});
  process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 2000}, {"hard", 3000}}};
  bundle_->set_arguments({"/bin/sh", "-c", "ulimit -n; ulimit -Hn"});
  bundle_->save();
  EXPECT_EQ(run_by({"prlimit", "--nofile=100:4000"}).out, "2000\n3000\n") << runtime().log();
}

TEST_F(ProcessAttributes, WrongLimitsAreNamed) {
  process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 2}, {"hard", 1}}};
  expect_refusal("process.rlimits[0]: soft 2 is above hard 1");
  process()["rlimits"] = {{{"type", "RLIMIT_LUCK"}, {"soft", 1}, {"hard", 1}}};
  expect_refusal("process.rlimits[0].type: unknown limit 'RLIMIT_LUCK'");
  const json one = {{"type", "RLIMIT_NOFILE"}, {"soft", 1}, {"hard", 1}};
  process()["rlimits"] = {one, one};
  expect_refusal("process.rlimits[1]: a second 'RLIMIT_NOFILE'");
}

TEST_F(ProcessAttributes, ThePersonalityIsSetWhateverTheFilterSays) {
  EXPECT_EQ(output("uname -m"), "x86_64\n");
  bundle_->config["linux"]["personality"] = {{"domain", "LINUX32"}};
  bundle_->config["linux"]["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"syscalls", {{{"names", {"personality"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
  EXPECT_EQ(output("uname -m"), "i686\n");
  bundle_->config["linux"]["personality"] = {{"domain", "LINUX"}};
  EXPECT_EQ(output("uname -m"), "x86_64\n");
  bundle_->config["linux"]["personality"]["flags"] = {"ADDR_NO_RANDOMIZE"};
  expect_refusal("linux.personality.flags: the specification has no flags yet");
  bundle_->config["linux"]["personality"] = {{"domain", "BSD"}};
  expect_refusal("linux.personality.domain: expected 'LINUX' or 'LINUX32', found 'BSD'");
}

TEST_F(ProcessAttributes, ClocksAreSetOffInATimeNamespace) {
  bundle_->config["linux"]["timeOffsets"] = {{"monotonic", {{"secs", 1000}, {"nanosecs", 5}}},
                                             {"boottime", {{"secs", 10'000'000}}}};
  expect_refusal("linux.timeOffsets: setting them needs a new 'time' namespace");
  bundle_->config["linux"]["namespaces"].push_back({{"type", "time"}});
  const std::string seen = output(
      "cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; readlink /proc/self/ns/time");
  EXPECT_THAT(seen, ContainsRegex("monotonic +1000 +5\n"));
  EXPECT_THAT(seen, ContainsRegex("boottime +10000000 +0\n"));
  EXPECT_GT(std::stoll(split_lines(seen).at(2)), 10'000'000);
  EXPECT_NE(split_lines(seen).at(3) + "\n", run_program({"readlink", "/proc/self/ns/time"}).out);
}

TEST_F(ProcessAttributes, ClocksOfExecAreThoseOfTheContainer) {
  bundle_->config["linux"]["timeOffsets"] = {{"boottime", {{"secs", 10'000'000}}}};
  bundle_->config["linux"]["namespaces"].push_back({{"type", "time"}});
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  const Finished finished = expect_success({"exec", "c1", "cut", "-d.", "-f1", "/proc/uptime"});
  EXPECT_GT(std::stoll(finished.out), 10'000'000);
}

TEST_F(ProcessAttributes, ClocksThatCannotBeSetOffAreNamed) {
  bundle_->config["linux"]["namespaces"].push_back({{"type", "time"}});
  json& offsets = bundle_->config["linux"]["timeOffsets"];
  offsets = {{"realtime", {{"secs", 1}}}};
  expect_refusal("linux.timeOffsets.realtime: expected 'monotonic' or 'boottime'");
  offsets = {{"boottime", {{"nanosecs", 1'000'000'000}}}};
  expect_refusal("linux.timeOffsets.boottime.nanosecs: 1000000000 is a second or more");
  offsets = {{"boottime", {{"secs", 9'223'372'037}}}};
  expect_refusal("linux.timeOffsets.boottime.secs: 9223372037 is out of range");
}

TEST_F(ProcessAttributes, OfExecAreThoseOfTheContainer) {
  give_user(1000, "w:x:1000:1000::/home/w:/bin/sh\n");
  process()["user"]["umask"] = 0077;
  process()["env"] = {kPath, "A=1"};
  process()["oomScoreAdj"] = 321;
  process()["rlimits"] = {{{"type", "RLIMIT_NOFILE"}, {"soft", 123}, {"hard", 456}}};
  bundle_->config["linux"]["personality"] = {{"domain", "LINUX32"}};
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  EXPECT_EQ(expect_success({"exec", "--env", "A=2", "c1", "sh", "-c",
                            "umask; echo $HOME $A; cat /proc/self/oom_score_adj; ulimit -n; uname "
                            "-m"})
                .out,
            "0077\n/home/w 2\n321\n123\ni686\n");
}

}  // namespace
}  // namespace stasis::test
