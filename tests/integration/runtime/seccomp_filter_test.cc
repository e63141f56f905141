// linux.seccomp by what a program in the container gets for its system calls (tests/tools/
// system_call.cc). The calls are made with arguments that fail in a known way when let through.
#include <sys/syscall.h>

#include <csignal>

#include <gmock/gmock.h>

#include "integration/support/container_test.h"

namespace stasis::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// What a static program and execve need, and the newest call that the profile names.
const json kNeeded = {"execve",      "brk",        "arch_prctl", "set_tid_address",
                      "rseq",        "prlimit64",  "readlink",   "set_robust_list",
                      "getrandom",   "mprotect",   "getpid",     "newfstatat",
                      "write",       "exit_group", "readlinkat", "mmap",
                      "rt_sigaction"};

class SeccompFilter : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    bundle_ = std::make_unique<Bundle>(make_bundle());
    bundle_->add_file(Runtime::built("system_call"), "/bin/system_call");
    // So that the filter comes last, and needs to allow the program's calls only.
    bundle_->config["process"]["noNewPrivileges"] = true;
  }
  json& profile() { return bundle_->config["linux"]["seccomp"]; }
  void allow_by_default() { profile() = {{"defaultAction", "SCMP_ACT_ALLOW"}}; }
  // Names two calls beyond the newest ones that the program needs.
  void deny_by_default(const std::string& action) {
    profile() = {{"defaultAction", action},
                 {"architectures", {"SCMP_ARCH_X86_64"}},
                 {"syscalls",
                  {{{"names", kNeeded}, {"action", "SCMP_ACT_ALLOW"}},
                   {{"names", {"faccessat2"}}, {"action", "SCMP_ACT_ALLOW"}}}}};
  }
  // A rule with the errno EPROTO, which no call here gives otherwise.
  void refuse(const std::string& name, const json& conditions) {
    profile()["syscalls"].push_back({{"names", {name}},
                                     {"action", "SCMP_ACT_ERRNO"},
                                     {"errnoRet", EPROTO},
                                     {"args", conditions}});
  }
  Finished run(std::vector<std::string> calls) {
    calls.insert(calls.begin(), "/bin/system_call");
    bundle_->set_arguments(calls);
    bundle_->save();
    return runtime().run({"run", "--bundle", bundle_->directory(), "c1"});
  }
  // Their results, each with a blank.
  std::string results(const std::vector<std::string>& calls) {
    std::string out = run(calls).out;
    std::ranges::replace(out, '\n', ' ');
    return out;
  }
  static std::string call(long number, const std::string& arguments = "") {
    return std::to_string(number) + arguments;
  }

  std::unique_ptr<Bundle> bundle_;
};

TEST_F(SeccompFilter, HasNoCallsThatAreNewerThanItself) {
  deny_by_default("SCMP_ACT_ERRNO");
  // Unnamed ones below the newest that is named are refused, those above do not exist.
  EXPECT_EQ(results({call(SYS_mkdir), call(SYS_clone3), call(SYS_faccessat2), call(600)}),
            "EPERM EPERM EFAULT ENOSYS ")
      << runtime().log();
}

TEST_F(SeccompFilter, ThatKillsHasNoNewerCallsEither) {
  deny_by_default("SCMP_ACT_KILL_PROCESS");
  EXPECT_EQ(results({call(600)}), "ENOSYS ") << runtime().log();
  EXPECT_EQ(run({call(SYS_mkdir)}).status, 128 + SIGSYS);
}

TEST_F(SeccompFilter, GivesTheErrorsThatWereAskedFor) {
  deny_by_default("SCMP_ACT_ERRNO");
  profile()["defaultErrnoRet"] = ENOTSUP;
  refuse("mkdir", json::array());
  profile()["syscalls"].push_back({{"names", {"rmdir"}}, {"action", "SCMP_ACT_ERRNO"}});
  EXPECT_EQ(results({call(SYS_mkdir), call(SYS_rmdir), call(SYS_chdir)}),
            "EPROTO EPERM EOPNOTSUPP ")
      << runtime().log();
}

TEST_F(SeccompFilter, ComparesArguments) {
  allow_by_default();
  struct Case {
    const char* name;
    long number;
    const char* op;
    std::uint64_t value, value_two;
    const char* results;  // for 999, 1000 and 1001
  };
  std::vector<std::string> calls;
  std::string expected;
  for (const Case& one : {
           Case{"dup", SYS_dup, "SCMP_CMP_NE", 1000, 0, "EPROTO EBADF EPROTO "},
           Case{"fsync", SYS_fsync, "SCMP_CMP_LT", 1000, 0, "EPROTO EBADF EBADF "},
           Case{"fdatasync", SYS_fdatasync, "SCMP_CMP_LE", 1000, 0, "EPROTO EPROTO EBADF "},
           Case{"fchdir", SYS_fchdir, "SCMP_CMP_EQ", 1000, 0, "EBADF EPROTO EBADF "},
           Case{"flock", SYS_flock, "SCMP_CMP_GE", 1000, 0, "EBADF EPROTO EPROTO "},
           Case{"syncfs", SYS_syncfs, "SCMP_CMP_GT", 1000, 0, "EBADF EBADF EPROTO "},
           Case{"fchmod", SYS_fchmod, "SCMP_CMP_MASKED_EQ", 3, 1, "EBADF EBADF EPROTO "},
       }) {
    refuse(one.name,
           {{{"index", 0}, {"value", one.value}, {"valueTwo", one.value_two}, {"op", one.op}}});
    // 1: a valid second argument for those that have one.
    for (const char* argument : {":999:1", ":1000:1", ":1001:1"})
      calls.push_back(call(one.number, argument));
    expected += one.results;
  }
  EXPECT_EQ(results(calls), expected) << runtime().log();
}

TEST_F(SeccompFilter, ComparesAllOfAnArgumentAndAllArguments) {
  allow_by_default();
  const auto equal = [](int index, std::uint64_t value) {
    return json{{"index", index}, {"value", value}, {"op", "SCMP_CMP_EQ"}};
  };
  // Different arguments: all must hold. The same one twice: either.
  refuse("fchown", {equal(1, 7), equal(2, 8)});
  refuse("fchmod", {equal(1, 7), equal(1, 8)});
  refuse("dup", json::array({equal(0, 0x1'0000'03e8)}));
  EXPECT_EQ(
      results({call(SYS_fchown, ":1000:7:8"), call(SYS_fchown, ":1000:7:9"),
               call(SYS_fchmod, ":1000:7"), call(SYS_fchmod, ":1000:8"),
               call(SYS_fchmod, ":1000:9"), call(SYS_dup, ":0x1000003e8"), call(SYS_dup, ":1000")}),
      "EPROTO EBADF EPROTO EPROTO EBADF EPROTO EBADF ")
      << runtime().log();
}

TEST_F(SeccompFilter, HoldsForThe32BitCallsOfAnArchitectureThatItNames) {
  constexpr long kOldMkdir = 39, kOldRmdir = 40;
  allow_by_default();
  profile()["architectures"] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
  refuse("mkdir", json::array());
  const std::vector<std::string> calls{call(SYS_mkdir), "i386:" + call(kOldMkdir),
                                       "i386:" + call(kOldRmdir)};
  EXPECT_EQ(results(calls), "EPROTO EPROTO EFAULT ") << runtime().log();
  // Calls of another one would go past every rule: they kill.
  profile()["architectures"] = {"SCMP_ARCH_X86_64"};
  EXPECT_EQ(run(calls).status, 128 + SIGSYS);
}

TEST_F(SeccompFilter, LoadsWithEveryFlagButUnknownOnes) {
  allow_by_default();
  refuse("mkdir", json::array());
  profile()["flags"] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                        "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
  EXPECT_EQ(results({call(SYS_mkdir)}), "EPROTO ") << runtime().log();
  profile()["flags"] = {"SECCOMP_FILTER_FLAG_NO_SUCH"};
  EXPECT_EQ(run({}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("linux.seccomp.flags: 'SECCOMP_FILTER_FLAG_NO_SUCH' is "
                                         "not supported by stasis"));
}

TEST_F(SeccompFilter, LoadsBeforePrivilegesGoUnlessThereAreNoNewOnes) {
  // The runtime drops its groups after it, with a call that the filter refuses.
  allow_by_default();
  profile()["syscalls"] = {{{"names", {"setgroups"}}, {"action", "SCMP_ACT_ERRNO"}}};
  EXPECT_EQ(results({call(SYS_setgroups)}), "EPERM ") << runtime().log();
  bundle_->config["process"]["noNewPrivileges"] = false;
  EXPECT_EQ(run({call(SYS_setgroups)}).status, 1);
  EXPECT_THAT(runtime().log(), HasSubstr("setgroups"));
}

}  // namespace
}  // namespace stasis::test
