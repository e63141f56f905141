// Who a container's process is and what it may do, as /proc/PID/status shows it.
#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// Numbers of capabilities as /proc/PID/status shows them.
constexpr const char* kNone = "0000000000000000";
constexpr const char* kKill = "0000000000000020";
constexpr const char* kKillAndChown = "0000000000000021";

class ProcessPrivileges : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->use_tree(find_tree("busybox"));
    bundle_->set_arguments({"/bin/cat", "/proc/self/status"});
  }
  json& process() { return bundle_->config["process"]; }
  std::vector<std::string> run_command() const {
    bundle_->save();
    return {"run", "--bundle", bundle_->directory(), "c1"};
  }
  std::string status() const { return expect_success(run_command()).out; }
  void expect_refusal(const std::string& message) const {
    EXPECT_EQ(runtime().run(run_command()).status, 1);
    EXPECT_THAT(runtime().log(), HasSubstr(message));
    expect_gone("c1");
  }
  static void expect_capabilities(const std::string& status, const std::string& set,
                                  const std::string& bits) {
    EXPECT_THAT(status, HasSubstr("Cap" + set + ":\t" + bits + "\n"));
  }
  std::unique_ptr<Bundle> bundle_;
};

TEST_F(ProcessPrivileges, IdsAndGroupsAreThoseThatWereGiven) {
  process()["user"] = {{"uid", 1000}, {"gid", 1001}, {"additionalGids", {7, 1234}}};
  const std::string seen = status();
  EXPECT_THAT(seen, HasSubstr("Uid:\t1000\t1000\t1000\t1000\n"));
  EXPECT_THAT(seen, HasSubstr("Gid:\t1001\t1001\t1001\t1001\n"));
  EXPECT_THAT(seen, HasSubstr("Groups:\t7 1234 \n"));
  process()["user"].erase("additionalGids");
  EXPECT_THAT(status(), HasSubstr("Groups:\t \n"));
}

TEST_F(ProcessPrivileges, NoNewOnesIsSetWhenAskedFor) {
  process()["noNewPrivileges"] = true;
  EXPECT_THAT(status(), HasSubstr("NoNewPrivs:\t1\n"));
  process()["noNewPrivileges"] = false;
  EXPECT_THAT(status(), HasSubstr("NoNewPrivs:\t0\n"));
}

TEST_F(ProcessPrivileges, EverySetOfCapabilitiesIsAsGiven) {
  process()["user"] = {{"uid", 1000}, {"gid", 1000}};
  process()["capabilities"] = {{"bounding", {"CAP_CHOWN", "CAP_KILL"}},
                               {"permitted", {"CAP_CHOWN", "CAP_KILL"}},
                               {"inheritable", {"CAP_KILL", "CAP_CHOWN"}},
                               {"effective", {"CAP_CHOWN"}},
                               {"ambient", {"CAP_KILL"}}};
  const std::string seen = status();
  expect_capabilities(seen, "Bnd", kKillAndChown);
  expect_capabilities(seen, "Inh", kKillAndChown);
  // An execve by another user than root keeps the ambient ones alone.
  expect_capabilities(seen, "Prm", kKill);
  expect_capabilities(seen, "Eff", kKill);
  expect_capabilities(seen, "Amb", kKill);
  EXPECT_THAT(runtime().log(), Not(HasSubstr("level=warning")));
}

TEST_F(ProcessPrivileges, WithoutCapabilitiesThereAreNone) {
  process().erase("capabilities");
  const std::string seen = status();
  for (const char* set : {"Inh", "Prm", "Eff", "Bnd", "Amb"}) expect_capabilities(seen, set, kNone);
}

TEST_F(ProcessPrivileges, AmbientCapabilitiesMustBeInheritable) {
  process()["capabilities"] = {{"bounding", {"CAP_CHOWN", "CAP_KILL"}},
                               {"permitted", {"CAP_CHOWN", "CAP_KILL"}},
                               {"inheritable", {"CAP_KILL"}},
                               {"ambient", {"CAP_CHOWN", "CAP_KILL"}}};
  expect_capabilities(status(), "Amb", kKill);
  EXPECT_THAT(runtime().log(), HasSubstr("level=warning"));
  EXPECT_THAT(runtime().log(),
              HasSubstr("ambient capabilities that are not inheritable are dropped "
                        "names=\\\"CAP_CHOWN\\\""));
}

TEST_F(ProcessPrivileges, CapabilitiesThatTheRuntimeLacksAreDropped) {
  process()["capabilities"] = {{"bounding", {"CAP_CHOWN", "CAP_KILL"}},
                               {"permitted", {"CAP_CHOWN", "CAP_KILL"}},
                               {"effective", {"CAP_CHOWN", "CAP_KILL"}}};
  std::vector<std::string> command{
      "setpriv", "--bounding-set",      "-chown", Runtime::binary(),
      "--root",  directory() + "/root", "--log",  directory() + "/log"};
  for (const std::string& word : run_command()) command.push_back(word);
  const Finished finished = run_program(command);
  EXPECT_EQ(finished.status, 0) << runtime().log();
  expect_capabilities(finished.out, "Bnd", kKill);
  expect_capabilities(finished.out, "Eff", kKill);
  EXPECT_THAT(runtime().log(), HasSubstr("capabilities that the runtime lacks are dropped "
                                         "names=\\\"CAP_CHOWN\\\""));
}

TEST_F(ProcessPrivileges, CapabilitiesMustFitEachOther) {
  process()["capabilities"] = {{"effective", {"CAP_KILL"}}};
  expect_refusal(
      "process.capabilities: effective ones must be permitted too, and inheritable ones bounding: "
      "capset effective 0x20 permitted 0x0 inheritable 0x0: EPERM");
  process()["capabilities"] = {{"inheritable", {"CAP_KILL"}}};
  expect_refusal("capset effective 0x0 permitted 0x0 inheritable 0x20: EPERM");
}

TEST_F(ProcessPrivileges, UnknownCapabilitiesAreIgnoredWithAWarning) {
  const json names{"CAP_KILL", "CAP_OF_TOMORROW"};
  process()["capabilities"] = {{"bounding", names}, {"effective", names}, {"permitted", names}};
  expect_capabilities(status(), "Bnd", kKill);
  const std::string log = runtime().log();
  const std::string warning = "unknown capability ignored name=CAP_OF_TOMORROW";
  EXPECT_THAT(log, HasSubstr(warning));
  EXPECT_EQ(log.find(warning), log.rfind(warning)) << log;
}

// Needs a kernel without AppArmor. tests/unit/sys/apparmor_test.cc has the other side.
TEST_F(ProcessPrivileges, ProfilesOfAppArmorAndLabelsOfSelinuxAreRefused) {
  process()["apparmorProfile"] = "docker-default";
  expect_refusal("process.apparmorProfile: 'docker-default': this kernel has no AppArmor");
  process()["apparmorProfile"] = "unconfined";
  process()["selinuxLabel"] = "system_u:system_r:container_t:s0";
  expect_refusal("process.selinuxLabel: SELinux is not supported by stasis");
  process().erase("selinuxLabel");
  bundle_->config["linux"]["mountLabel"] = "system_u:object_r:container_file_t:s0";
  expect_refusal("linux.mountLabel: SELinux is not supported by stasis");
  bundle_->config["linux"].erase("mountLabel");
  EXPECT_THAT(status(), HasSubstr("Seccomp:\t0\n"));
}

TEST_F(ProcessPrivileges, ProfilesAreRefusedForExecToo) {
  bundle_->set_arguments({"/bin/sleep", "1000"});
  Pipes stdio;
  start_container("c1", *bundle_, stdio);
  json process = bundle_->config["process"];
  process["args"] = {"true"};
  process["apparmorProfile"] = "docker-default";
  const std::string file = directory() + "/process.json";
  write_file(file, process.dump());
  EXPECT_EQ(runtime().run({"exec", "--process", file, "c1"}).status, 255);
  EXPECT_THAT(runtime().log(), HasSubstr("this kernel has no AppArmor"));
}

}  // namespace
}  // namespace stasis::test
