// The commands that look: help, --version, features, spec, state, list, ps.
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"
#include "integration/support/files.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::MatchesRegex;
using testing::StartsWith;

class InspectionCommands : public BusyboxTest {
 protected:
  std::string printed(const std::vector<std::string>& words) { return expect_success(words).out; }
  json printed_json(const std::vector<std::string>& words) { return json::parse(printed(words)); }
  // "c1" waits to be started.
  void create() {
    bundle().set_arguments({"/bin/sleep", "1000"});
    bundle().save();
    will_delete("c1");
    Program created = runtime().start({"create", "--bundle", bundle().directory(), "c1"},
                                      stdio_.take_other_ends());
    ASSERT_EQ(created.wait(), 0);
  }

 private:
  Pipes stdio_;
};

TEST_F(InspectionCommands, HelpExplainsTheProgramAndItsCommands) {
  const std::string all = printed({"help"});
  EXPECT_THAT(all, AllOf(StartsWith("NAME:\n   stasis - "), HasSubstr("\nUSAGE:\n"),
                         HasSubstr("\nCOMMANDS:\n"), HasSubstr("\nGLOBAL OPTIONS:\n")));
  EXPECT_EQ(printed({"--help"}), all);
  EXPECT_EQ(printed({"h"}), all);
  EXPECT_EQ(runtime().run({}).out, all);
  const std::string one = printed({"help", "exec"});
  EXPECT_THAT(one, AllOf(StartsWith("NAME:\n   stasis exec - "), HasSubstr("\nUSAGE:\n"),
                         HasSubstr("\nOPTIONS:\n")));
  EXPECT_EQ(printed({"exec", "--help"}), one);
  EXPECT_EQ(printed({"h", "exec"}), one);
}

TEST_F(InspectionCommands, UnknownNamesAreNoTopics) {
  const Finished command = runtime().run({"nothing", "list"});
  EXPECT_EQ(command.status, 3);
  EXPECT_EQ(command.err, "no such command: 'nothing': `stasis help` lists the commands\n");
  const Finished topic = runtime().run({"help", "nothing"});
  EXPECT_EQ(topic.status, 3);
  EXPECT_THAT(topic.err, StartsWith("no help topic for 'nothing'"));
}

TEST_F(InspectionCommands, GlobalFlagsAreChecked) {
  const Finished flag = runtime().run({"--nothing", "list"});
  EXPECT_EQ(flag.status, 1);
  EXPECT_THAT(flag.err, StartsWith("Incorrect Usage: The following argument was not expected: "
                                   "--nothing\n\nNAME:\n"));
  const Finished format = runtime().run({"--log-format", "xml", "list"});
  EXPECT_EQ(format.status, 1);
  EXPECT_THAT(format.err, StartsWith("Incorrect Usage: --log-format: xml not in {text,json}\n"));
  const Finished log = run_program({Runtime::binary(), "--log", "/nowhere/log", "list"});
  EXPECT_EQ(log.status, 1);
  EXPECT_THAT(log.err, HasSubstr("/nowhere/log"));
}

// dockerd reads the first two lines.
TEST_F(InspectionCommands, VersionHasTheCommitThatWasBuilt) {
  const std::string source = std::filesystem::canonical(STASIS_FIXTURES "/../..");
  const std::string text = printed({"--version"});
  EXPECT_EQ(printed({"-v"}), text);
  EXPECT_THAT(text, MatchesRegex("stasis version [0-9.]+\n(commit: [0-9a-f]+(-dirty)?\n)?"
                                 "spec: 1[.]2[.][0-9]+\nlibseccomp: [0-9.]+\n"));
  const Finished head = run_program(
      {"git", "-c", "safe.directory=*", "-C", source, "rev-parse", "--verify", "--quiet", "HEAD"});
  if (std::filesystem::exists(source + "/.git")) {
    EXPECT_THAT(text, HasSubstr("\ncommit: " + head.out.substr(0, 40)));
  } else {
    EXPECT_THAT(text, testing::Not(HasSubstr("commit")));
  }
}

TEST_F(InspectionCommands, FeaturesAreAsTheSpecificationHasThem) {
  const json features = printed_json({"features"});
  EXPECT_EQ(features["ociVersionMin"], "1.0.0");
  EXPECT_THAT(features["ociVersionMax"].get<std::string>(), StartsWith("1."));
  EXPECT_THAT(features["hooks"].get<std::vector<std::string>>(),
              ElementsAre("prestart", "createRuntime", "createContainer", "startContainer",
                          "poststart", "poststop"));
  EXPECT_THAT(features["mountOptions"].get<std::vector<std::string>>(),
              IsSupersetOf({"bind", "rbind", "ro", "rw", "nosuid", "rro", "rprivate"}));
  const json& own = features["linux"];
  EXPECT_THAT(own["namespaces"].get<std::vector<std::string>>(),
              ElementsAre("cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"));
  EXPECT_THAT(own["capabilities"].get<std::vector<std::string>>(),
              IsSupersetOf({"CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"}));
  EXPECT_EQ(own["cgroup"]["v1"], true);
  EXPECT_EQ(own["cgroup"]["v2"], true);
  EXPECT_EQ(own["cgroup"]["systemd"], false);
  EXPECT_EQ(own["seccomp"]["enabled"], true);
  EXPECT_THAT(own["seccomp"]["actions"].get<std::vector<std::string>>(),
              IsSupersetOf({"SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY"}));
  EXPECT_THAT(own["seccomp"]["archs"].get<std::vector<std::string>>(),
              IsSupersetOf({"SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"}));
  EXPECT_THAT(own["seccomp"]["operators"].get<std::vector<std::string>>(),
              IsSupersetOf({"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"}));
}

TEST_F(InspectionCommands, SpecIsWrittenIntoTheBundleAndRuns) {
  const std::string file = bundle().directory() + "/config.json";
  std::filesystem::remove(file);
  printed({"spec", "--bundle", bundle().directory()});
  json config = json::parse(read_file(file));
  EXPECT_EQ(config["process"]["args"], json::array({"sh"}));
  const Finished again = runtime().run({"spec", "--bundle", bundle().directory()});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("'" + file + "' exists"));

  config["process"]["terminal"] = false;
  write_file(file, config.dump());
  RunOptions input;
  input.input = "echo $((6 * 7))\n";
  will_delete("c1");
  EXPECT_EQ(runtime().run({"run", "--bundle", bundle().directory(), "c1"}, input).out, "42\n");
}

TEST_F(InspectionCommands, SpecNeedsADirectory) {
  EXPECT_THAT(runtime().run({"spec", "--bundle", "/nowhere"}).err, HasSubstr("/nowhere"));
}

TEST_F(InspectionCommands, StateFollowsTheContainersLife) {
  bundle().config["annotations"] = json::parse(R"({"org.example.key": "value"})");
  create();
  const json created = printed_json({"state", "c1"});
  EXPECT_EQ(created["status"], "created");
  EXPECT_EQ(created["id"], "c1");
  EXPECT_EQ(created["bundle"], bundle().directory());
  EXPECT_EQ(created["rootfs"], bundle().rootfs());
  EXPECT_EQ(created["annotations"]["org.example.key"], "value");
  EXPECT_THAT(created["ociVersion"].get<std::string>(), StartsWith("1."));
  EXPECT_THAT(created["created"].get<std::string>(), MatchesRegex("20[0-9T:.-]+Z"));
  const pid_t pid = created["pid"];
  EXPECT_THAT(read_file("/proc/" + std::to_string(pid) + "/status"), HasSubstr("NSpid:"));

  printed({"start", "c1"});
  EXPECT_EQ(printed_json({"state", "c1"})["status"], "running");
  printed({"pause", "c1"});
  EXPECT_EQ(printed_json({"state", "c1"})["status"], "paused");
  EXPECT_EQ(printed_json({"state", "c1"})["pid"], pid);
  printed({"resume", "c1"});
  printed({"kill", "c1", "KILL"});
  runtime().run({"wait", "c1"});  // fails if it has ended before
  const json stopped = printed_json({"state", "c1"});
  EXPECT_EQ(stopped["status"], "stopped");
  EXPECT_EQ(stopped["pid"], 0);
}

TEST_F(InspectionCommands, ListHasATableJsonAndIdsAlone) {
  create();
  const std::string pid = std::to_string(container_pid("c1"));
  EXPECT_THAT(printed({"list"}),
              MatchesRegex("ID +PID +STATUS +BUNDLE +CREATED +OWNER\nc1 +" + pid + " +created +" +
                           bundle().directory() + " +20[0-9T:.-]+Z +root\n"));
  EXPECT_EQ(printed({"list", "-q"}), "c1\n");
  const json entries = printed_json({"list", "--format", "json"});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]["id"], "c1");
  EXPECT_EQ(entries[0]["pid"], std::stoi(pid));
  EXPECT_EQ(entries[0]["status"], "created");
  EXPECT_EQ(entries[0]["bundle"], bundle().directory());
  EXPECT_EQ(entries[0]["owner"], "root");
}

TEST_F(InspectionCommands, ListOfNobodyIsEmpty) {
  std::filesystem::create_directory(directory() + "/root");
  EXPECT_THAT(printed({"list"}), MatchesRegex("ID +PID +STATUS +BUNDLE +CREATED +OWNER\n"));
  EXPECT_EQ(printed({"list", "-q"}), "");
  EXPECT_EQ(printed_json({"list", "-f", "json"}).size(), 0U);
}

TEST_F(InspectionCommands, PsShowsTheContainersProcessesOnly) {
  start_sleeper();
  Pipes stdio;
  Program second = runtime().start({"exec", "c1", "/bin/sh", "-c", "echo ready; read line"},
                                   stdio.take_other_ends());
  ASSERT_EQ(stdio.next_line(), "ready");
  const json pids = printed_json({"ps", "--format", "json", "c1"});
  EXPECT_EQ(pids.size(), 2U);
  EXPECT_THAT(pids.get<std::vector<pid_t>>(), testing::Contains(container_pid("c1")));
  EXPECT_THAT(printed({"ps", "c1"}),
              MatchesRegex("UID +PID +PPID [^\n]*\n[^\n]*sleep 1000\n[^\n]*read line\n"));
  EXPECT_THAT(printed({"ps", "c1", "-o", "pid,comm"}),
              MatchesRegex(" *PID COMMAND\n *[0-9]+ sleep\n *[0-9]+ sh\n"));
  stdio.close_input();
  second.wait();
  EXPECT_THAT(printed({"ps", "c1", "-o", "pid,comm"}),
              MatchesRegex(" *PID COMMAND\n *[0-9]+ sleep\n"));
}

TEST_F(InspectionCommands, OutputWithoutAPlaceIsAnError) {
  start_sleeper();
  for (const std::string command :
       {"state c1", "list", "list -q", "ps c1", "ps -f json c1", "features", "events --stats c1"}) {
    const std::string whole = runtime().binary() + " --root " + directory() + "/root " + command;
    const Finished finished = run_program({"/bin/sh", "-c", whole + " >/dev/full"});
    EXPECT_EQ(finished.status, 1) << command;
    EXPECT_THAT(finished.err, HasSubstr("standard output: ")) << command;
    EXPECT_THAT(finished.err, HasSubstr(": ENOSPC")) << command;
  }
}

}  // namespace
}  // namespace stasis::test
