// What users read and type: man pages and completions, beside what the program says of itself.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"
#include "integration/support/files.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using Words = std::vector<std::string>;

std::string help(const Words& command) {
  Words words{Runtime::built("stasis")};
  words.insert(words.end(), command.begin(), command.end());
  words.emplace_back("--help");
  return run_program(words).out;
}

// The names in the table below a heading.
Words column(const std::string& text, const std::string& heading) {
  Words names;
  bool inside = false;
  for (const std::string& line : split_lines(text)) {
    if (inside && line.starts_with("   ")) names.push_back(line.substr(3, line.find(' ', 3) - 3));
    inside = line == heading + ":" || (inside && !line.empty());
  }
  return names;
}

Words commands() { return column(help({}), "COMMANDS"); }

// "--image-path,": a flag with a short name.
Words flags(const std::string& command) {
  Words names = column(help({command}), "OPTIONS");
  for (std::string& name : names)
    name.erase(std::remove(name.begin(), name.end(), ','), name.end());
  return names;
}

std::string page(const std::string& name) { return Runtime::built("../man/" + name); }

std::string as_roff(const std::string& flag) {
  std::string text;
  for (const char c : flag) text += c == '-' ? "\\-" : std::string(1, c);
  return text;
}

TEST(Manual, HasAPageForEveryCommandWithEveryFlag) {
  ASSERT_THAT(commands(), IsSupersetOf({"checkpoint", "restore", "update", "run"}));
  for (const std::string& command : commands()) {
    const std::string text = read_file(page("stasis-" + command + ".8"));
    EXPECT_THAT(text, HasSubstr(".SH DESCRIPTION")) << command;
    ASSERT_THAT(flags(command), testing::Contains("--help"));
    for (const std::string& flag : flags(command)) EXPECT_THAT(text, HasSubstr(as_roff(flag)));
  }
}

TEST(Manual, IsSoundRoff) {
  Words words{"groff", "-man", "-ww", "-Tutf8", "-z", page("stasis.1")};
  for (const std::string& command : commands()) words.push_back(page("stasis-" + command + ".8"));
  const Finished checked = run_program(words);
  EXPECT_EQ(checked.status, 0);
  EXPECT_EQ(checked.err, "");
}

class Completion : public ContainerTest {
 protected:
  // What a real bash offers for the last word.
  static Words completions(const std::string& typed) {
    const std::string script =
        "PATH=" + std::filesystem::path(Runtime::built("stasis")).parent_path().string() +
        ":$PATH; source " + find_completion("stasis.bash") + "; COMP_WORDS=(" + typed +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _stasis; printf '%s\\n' \"${COMPREPLY[@]}\"";
    Words found = split_lines(run_program({"bash", "-c", script}).out);
    std::erase(found, "");
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string find_completion(const std::string& name) {
    return std::string(STASIS_FIXTURES) + "/../../completions/" + name;
  }
};

TEST_F(Completion, OffersCommandsFlagsAndValues) {
  EXPECT_THAT(completions("stasis re"), ElementsAre("restore", "resume"));
  EXPECT_THAT(completions("stasis --log-format ''"), ElementsAre("json", "text"));
  EXPECT_THAT(completions("stasis --root /x checkpoint --leave"), ElementsAre("--leave-running"));
  EXPECT_THAT(completions("stasis run -"), IsSupersetOf(flags("run")));
  EXPECT_EQ(completions("stasis ''"), commands());
  EXPECT_EQ(completions("stasis help ''"), commands());
}

TEST_F(Completion, OffersTheContainersThatThereAre) {
  Bundle bundle = make_bundle();
  bundle.use_tree(find_tree("busybox"));
  bundle.set_arguments({"/bin/sleep", "1000"});
  Pipes one;
  Pipes two;
  start_container("first", bundle, one);
  Bundle other = make_bundle("other");
  other.use_tree(find_tree("busybox"));
  other.set_arguments({"/bin/sleep", "1000"});
  start_container("second", other, two);
  EXPECT_THAT(completions("stasis --root " + directory() + "/root kill ''"),
              ElementsAre("first", "second"));
  EXPECT_THAT(completions("stasis --root " + directory() + "/root exec f"), ElementsAre("first"));
}

TEST_F(Completion, OfZshIsSoundSyntax) {
  const Finished checked = run_program({"zsh", "-n", find_completion("_stasis")});
  EXPECT_EQ(checked.status, 0) << checked.err;
}

}  // namespace
}  // namespace stasis::test
