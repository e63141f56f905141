// The pure parts of the runtime: names, options, identities, environments, tables.
#include <csignal>

#include <gtest/gtest.h>

#include "runtime/capability_names.h"
#include "runtime/container_id.h"
#include "runtime/exec.h"
#include "runtime/init_channel.h"
#include "runtime/inspection.h"
#include "runtime/lifecycle.h"
#include "runtime/mount_options.h"
#include "runtime/process_identity.h"
#include "runtime/process_plan.h"

namespace stasis::runtime {
namespace {

TEST(ValidateContainerId, TakesOnlyWhatCanBeADirectory) {
  EXPECT_TRUE(validate_container_id("a.B-9_+"));
  EXPECT_EQ(validate_container_id("").error().message(), "container id must not be empty");
  for (const char* bad : {"..", ".", "a/b", "a b", "\xc3\xa9"})
    EXPECT_FALSE(validate_container_id(bad));
  EXPECT_EQ(validate_container_id("a/b").error().message(),
            "invalid container id 'a/b': only letters, digits, '_', '+', '-' and '.' are allowed");
  EXPECT_FALSE(validate_container_id(std::string(1025, 'a')));
}

TEST(ParseProcessStat, SurvivesAnyCommandName) {
  const auto stat = parse_process_stat(
      "42 (a) Z (b) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 777 2 3 4\n");
  ASSERT_TRUE(stat);
  EXPECT_EQ(*stat, (ProcessStat{'S', 777}));
  EXPECT_EQ(parse_process_stat("42 (a) S 1\n").error().message(),
            "process stat: expected 22 fields or more, found '42 (a) S 1'");
}

TEST(ParseSignal, TakesNamesAndNumbers) {
  for (const char* name : {"KILL", "SIGKILL", "sigkill", "9"}) EXPECT_EQ(*parse_signal(name), 9);
  EXPECT_EQ(*parse_signal("RTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(parse_signal("FOO").error().message(), "unknown signal 'FOO'");
  EXPECT_FALSE(parse_signal("-1"));
  EXPECT_FALSE(parse_signal("65"));
}

TEST(ParseMountOptions, SortsThemByWhoUnderstandsThem) {
  const auto options =
      parse_mount_options({"rbind", "ro", "nosuid", "noatime", "rprivate", "rnoexec", "size=64k"});
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_TRUE(options->bind);
  EXPECT_EQ(options->bind_recursion, sys::Recursion::kWholeTree);
  EXPECT_EQ(options->attributes.set,
            std::uint64_t{MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOATIME});
  EXPECT_EQ(options->recursive_attributes.set, std::uint64_t{MOUNT_ATTR_NOEXEC});
  ASSERT_EQ(options->propagation.size(), 1U);
  EXPECT_EQ(options->propagation[0].value, std::uint64_t{MS_PRIVATE});
  EXPECT_EQ(options->parameters, (std::vector<sys::MountParameter>{{"size", "64k"}}));
}

TEST(ParseMountOptions, LetsTheLastOneWin) {
  EXPECT_FALSE(parse_mount_options({"ro", "rw"})->read_only());
  EXPECT_TRUE(parse_mount_options({"rw", "ro"})->read_only());
  EXPECT_EQ(parse_mount_options({"idmap", "ridmap"})->id_map, sys::Recursion::kWholeTree);
}

TEST(ParseMountOptions, ClearsWhatIsTakenBack) {
  const auto options = parse_mount_options({"suid", "dev", "noexec", "exec", "rw", "rsuid"});
  EXPECT_EQ(options->attributes.set, 0U);
  EXPECT_EQ(options->attributes.clear, std::uint64_t{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                                     MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY});
  EXPECT_EQ(options->recursive_attributes.clear, std::uint64_t{MOUNT_ATTR_NOSUID});
}

TEST(ParseMountOptions, HasOnePolicyOfAccessTimes) {
  const auto options = parse_mount_options({"noatime", "strictatime"});
  EXPECT_EQ(options->attributes.set, std::uint64_t{MOUNT_ATTR_STRICTATIME});
  EXPECT_EQ(parse_mount_options({"noatime", "relatime"})->attributes.set, 0U);
}

TEST(ParseMountOptions, LeavesTheRestToTheFileSystem) {
  const auto options = parse_mount_options({"mode=755", "sync", "a=b=c", "remount"});
  EXPECT_EQ(options->parameters,
            (std::vector<sys::MountParameter>{{"mode", "755"}, {"sync", ""}, {"a", "b=c"}}));
  EXPECT_EQ(*options->find_parameter("mode"), "755");
  EXPECT_EQ(options->find_parameter("size"), nullptr);
  EXPECT_TRUE(options->remount);
}

TEST(ParseMountOptions, RefersToTheMappingsOfTheSpecification) {
  EXPECT_EQ(parse_mount_options({"idmap=uids=0-1-2"}).error().message(),
            "option 'idmap=uids=0-1-2': ids are mapped by the mount's uidMappings and gidMappings");
}

TEST(ParseMountOptions, PassesOverWhatHasNoEffect) {
  for (const std::string name : {"defaults", "mand", "silent", "iversion", "noacl"}) {
    const auto options = parse_mount_options({name});
    EXPECT_EQ(options->attributes.set | options->attributes.clear, 0U) << name;
    EXPECT_TRUE(options->parameters.empty()) << name;
  }
}

TEST(EffectiveEnvironment, LetsTheLastOneWinAndDropsAnEmptyHome) {
  EXPECT_EQ(effective_environment({"A=1", "B=2", "HOME=", "A=3"}),
            (std::vector<std::string>{"B=2", "A=3"}));
}

TEST(HomeInPasswd, FindsTheUser) {
  const char* passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nw:x:33:33::/var/www:/bin/sh\n";
  EXPECT_EQ(home_in_passwd(passwd, 33), "/var/www");
  EXPECT_EQ(home_in_passwd(passwd, 7), "/");
}

TEST(CapabilityBits, KnowsNamesAndReportsOthers) {
  std::vector<std::string> unknown;
  EXPECT_EQ(capability_bits({"CAP_KILL", "chown", "CAP_NONE"}, unknown), std::uint64_t{1 << 5 | 1});
  EXPECT_EQ(unknown, std::vector<std::string>{"CAP_NONE"});
  EXPECT_EQ(describe_capabilities(1 << 5 | 1), "CAP_CHOWN, CAP_KILL");
  EXPECT_EQ(find_capability("CAP_CHECKPOINT_RESTORE"), 40U);
}

TEST(PlanExec, ChangesTheContainersProcess) {
  const oci::Process container{.terminal = true, .args = {"sh"}, .env = {"A=1"}, .cwd = "/"};
  ExecRequest request{.args = {"ls"}, .env = {"B=2"}, .cwd = "/tmp", .user = "5:6"};
  request.capabilities = {"CAP_KILL"};
  const auto process = plan_exec(request, container);
  ASSERT_TRUE(process);
  EXPECT_FALSE(process->terminal);
  EXPECT_EQ(process->args, std::vector<std::string>{"ls"});
  EXPECT_EQ(process->env, (std::vector<std::string>{"A=1", "B=2"}));
  EXPECT_EQ(process->cwd, "/tmp");
  EXPECT_EQ(process->user.uid, 5U);
  EXPECT_EQ(process->user.gid, 6U);
  EXPECT_EQ(process->capabilities->effective, std::vector<std::string>{"CAP_KILL"});
  request.user = "root";
  EXPECT_EQ(plan_exec(request, container).error().message(),
            "--user: expected UID[:GID], found 'root'");
}

TEST(FilterPs, KeepsTheHeadingAndTheContainersLines) {
  const char* output = "UID   PID  CMD\nroot  12  a 13\nroot  13  b\n";
  EXPECT_EQ(*filter_ps(output, {{13}}), "UID   PID  CMD\nroot  13  b\n");
  EXPECT_EQ(filter_ps("USER CMD\n", {}).error().message(),
            "ps prints no column PID: choose other ps options");
}

TEST(EncodeError, KeepsKindAndSentence) {
  const Error error =
      decode_error(encode_error(fail(ErrorKind::kNotFound, "exec x: no such file")));
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
  EXPECT_EQ(error.message(), "exec x: no such file");
}

}  // namespace
}  // namespace stasis::runtime
