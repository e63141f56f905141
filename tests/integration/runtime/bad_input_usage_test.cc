// Wrong command lines: the status of every command is runc's, except where runsc has the command in
// another way (checkpoint and restore: docs/RUNC-FLAGS.md).
#include "integration/runtime/bad_input.h"

namespace stasis::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class BadUsage : public BadInput {
 protected:
  // "Incorrect Usage: WHY" and the help of the command, which says how it is used.
  void expect_usage_error(const Words& words, const std::string& why) const {
    const Finished finished = runtime().run(words);
    const bool saves_or_restores = words[0] == "checkpoint" || words[0] == "restore";
    EXPECT_EQ(finished.status, saves_or_restores ? 2 : 1) << words[0];
    EXPECT_EQ(finished.out, "") << words[0];
    EXPECT_THAT(finished.err, StartsWith("Incorrect Usage: " + why + "\n"));
    EXPECT_THAT(finished.err, HasSubstr("USAGE:\n   stasis " + words[0] + " [command options]"));
    if (saves_or_restores || words[0] == "inspect" || words[0] == "verify" || words[0] == "wait") {
      return;
    }
    Words theirs{"runc", "--root", directory() + "/tmp/runc"};
    theirs.insert(theirs.end(), words.begin(), words.end());
    EXPECT_EQ(finished.status, run_program(theirs).status) << words[0];
  }
};

const Words kTakeAnId{"checkpoint", "create", "delete", "events", "exec",  "kill",   "pause", "ps",
                      "restore",    "resume", "run",    "start",  "state", "update", "wait"};
const Words kTakeADirectory{"inspect", "verify"};
const Words kTakeNothing{"features", "list", "spec"};

TEST_F(BadUsage, UnknownFlags) {
  const std::string why = "The following argument was not expected: --nope";
  for (const std::string& command : kTakeNothing) expect_usage_error({command, "--nope"}, why);
  for (const Words& group : {kTakeAnId, kTakeADirectory}) {
    for (const std::string& command : group) expect_usage_error({command, "--nope", "one"}, why);
  }
}

TEST_F(BadUsage, MissingArguments) {
  for (const std::string& command : kTakeAnId) {
    expect_usage_error({command}, "container-id is required");
  }
  for (const std::string& command : kTakeADirectory) {
    expect_usage_error({command}, "DIR is required");
  }
}

TEST_F(BadUsage, TooManyArguments) {
  const std::string why = "The following argument was not expected: more";
  for (const std::string& command : kTakeNothing) expect_usage_error({command, "more"}, why);
  for (const Words& group : {kTakeAnId, kTakeADirectory}) {
    for (const std::string& command : group) {
      // What follows the id is a command, or arguments of ps.
      if (command == "exec" || command == "ps") continue;
      Words words{command, "one"};
      if (command == "kill") words.emplace_back("KILL");
      words.emplace_back("more");
      expect_usage_error(words, why);
    }
  }
}

TEST_F(BadUsage, FlagsWithoutTheirValue) {
  expect_usage_error({"create", "--bundle"}, "flag needs an argument: -bundle");
  expect_usage_error({"exec", "--cwd"}, "flag needs an argument: -cwd");
  expect_usage_error({"events", "--interval"}, "flag needs an argument: -interval");
}

TEST_F(BadUsage, ExecTakesACommandFromSomewhere) {
  expect_refused({{{"exec", "c1"}, "\"exec\" requires a command, or --process", 255}});
}

TEST_F(BadUsage, UnknownCommandsAndGlobalFlags) {
  expect_refused({{{"frobnicate"}, "no such command: 'frobnicate'", 3}});
  const Finished finished = runtime().run({"--frobnicate", "list"});
  EXPECT_EQ(finished.status, 1);
  EXPECT_THAT(finished.err, StartsWith("Incorrect Usage: The following argument was not expected: "
                                       "--frobnicate\n"));
}

TEST_F(BadUsage, ValuesThatAreNone) {
  for (const Words& words : {Words{"list", "--format", "xml"}, Words{"ps", "-f", "xml", "c1"}}) {
    const Finished finished = runtime().run(words);
    EXPECT_EQ(finished.status, 1);
    EXPECT_THAT(finished.err, StartsWith("Incorrect Usage: --format: xml not in {table,json}\n"));
  }
}

}  // namespace
}  // namespace stasis::test
