// Seccomp programs by what they answer: a small machine runs them as the kernel would.
#include <cerrno>
#include <cstring>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <gtest/gtest.h>

#include "runtime/seccomp_newer_calls.h"
#include "runtime/seccomp_program.h"

namespace stasis::runtime {
namespace {

constexpr int kX32Bit = 0x40000000;
constexpr std::uint32_t kArmArchitecture = AUDIT_ARCH_AARCH64;

seccomp_data call(int number, std::uint32_t architecture = AUDIT_ARCH_X86_64,
                  std::uint64_t first_argument = 0) {
  seccomp_data data{};
  data.nr = number;
  data.arch = architecture;
  data.args[0] = first_argument;
  return data;
}

constexpr std::uint32_t kFellOff = 0xdead;  // no answer: the next program's turn

bool holds(const sock_filter& at, std::uint32_t accumulator) {
  switch (BPF_OP(at.code)) {
    case BPF_JEQ:
      return accumulator == at.k;
    case BPF_JGT:
      return accumulator > at.k;
    case BPF_JGE:
      return accumulator >= at.k;
    case BPF_JSET:
      return (accumulator & at.k) != 0;
    default:
      ADD_FAILURE() << "jump " << at.code;
      return false;
  }
}

// The instructions that libseccomp makes, and ours.
std::uint32_t answer(const std::vector<std::uint64_t>& program, const seccomp_data& data) {
  std::uint32_t accumulator = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const auto at = std::bit_cast<sock_filter>(program[i]);
    switch (BPF_CLASS(at.code)) {
      case BPF_LD:
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + at.k, sizeof(accumulator));
        break;
      case BPF_ALU:
        EXPECT_EQ(BPF_OP(at.code), BPF_AND);
        accumulator &= at.k;
        break;
      case BPF_JMP:
        i += BPF_OP(at.code) == BPF_JA ? at.k : holds(at, accumulator) ? at.jt : at.jf;
        break;
      case BPF_RET:
        return at.k;
      default:
        ADD_FAILURE() << "instruction " << at.code;
        return kFellOff;
    }
  }
  return kFellOff;
}

constexpr std::uint32_t error(std::uint32_t number) { return SECCOMP_RET_ERRNO | number; }

std::vector<std::uint64_t> compiled(const oci::Seccomp& config) {
  const auto program = compile_seccomp(config);
  EXPECT_TRUE(program) << program.error().message();
  return program ? program->instructions : std::vector<std::uint64_t>{};
}

std::string failure(const oci::Seccomp& config) {
  const auto program = compile_seccomp(config);
  return program ? "" : program.error().message();
}

oci::SeccompRule rule(std::vector<std::string> names, std::string action) {
  return {.names = std::move(names), .action = std::move(action)};
}

TEST(CompileSeccomp, AnswersByRule) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ALLOW"};
  config.syscalls = {rule({"mkdir", "no_such_call"}, "SCMP_ACT_ERRNO"),
                     rule({"rmdir"}, "SCMP_ACT_KILL"),
                     rule({"chdir"}, "SCMP_ACT_KILL_PROCESS"),
                     rule({"chmod"}, "SCMP_ACT_TRAP"),
                     rule({"chown"}, "SCMP_ACT_TRACE"),
                     rule({"link"}, "SCMP_ACT_LOG"),
                     rule({"dup"}, "SCMP_ACT_ERRNO")};
  config.syscalls[4].errno_ret = 7;
  config.syscalls[6].errno_ret = ENOSPC;
  config.syscalls[6].args = {{0, 3, 0, "SCMP_CMP_GT"}};
  const auto program = compiled(config);
  EXPECT_EQ(answer(program, call(SYS_mkdir)), error(EPERM));
  EXPECT_EQ(answer(program, call(SYS_rmdir)), SECCOMP_RET_KILL_THREAD);
  EXPECT_EQ(answer(program, call(SYS_chdir)), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(answer(program, call(SYS_chmod)), SECCOMP_RET_TRAP);
  EXPECT_EQ(answer(program, call(SYS_chown)), SECCOMP_RET_TRACE | 7U);
  EXPECT_EQ(answer(program, call(SYS_link)), SECCOMP_RET_LOG);
  EXPECT_EQ(answer(program, call(SYS_dup, AUDIT_ARCH_X86_64, 3)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, call(SYS_dup, AUDIT_ARCH_X86_64, 4)), error(ENOSPC));
  EXPECT_EQ(answer(program, call(SYS_dup, AUDIT_ARCH_X86_64, 1ULL << 40)), error(ENOSPC));
  // Unnamed ones, newer ones too.
  EXPECT_EQ(answer(program, call(SYS_unlink)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, call(600)), SECCOMP_RET_ALLOW);
}

TEST(CompileSeccomp, KillsWhatComesFromAnArchitectureThatItDoesNotName) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ALLOW"};
  config.syscalls = {rule({"mkdir"}, "SCMP_ACT_ERRNO")};
  constexpr int kOldMkdir = 39;
  EXPECT_EQ(answer(compiled(config), call(kOldMkdir, AUDIT_ARCH_I386)), SECCOMP_RET_KILL_THREAD);
  config.architectures = {"SCMP_ARCH_X86"};
  EXPECT_EQ(answer(compiled(config), call(kOldMkdir, AUDIT_ARCH_I386)), error(EPERM));
  EXPECT_EQ(answer(compiled(config), call(SYS_mkdir)), error(EPERM));
  EXPECT_EQ(answer(compiled(config), call(SYS_mkdir, kArmArchitecture)), SECCOMP_RET_KILL_THREAD);
}

TEST(CompileSeccomp, PutsNewerCallsBeforeTheRules) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ERRNO", .default_errno_ret = EACCES};
  config.syscalls = {rule({"mkdir", "openat2"}, "SCMP_ACT_ALLOW")};
  const auto program = compiled(config);
  EXPECT_EQ(answer(program, call(SYS_mkdir)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, call(SYS_rmdir)), error(EACCES));
  EXPECT_EQ(answer(program, call(SYS_openat2)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(answer(program, call(SYS_openat2 + 1)), error(ENOSYS));
}

TEST(CompileSeccomp, PlansTheFlags) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ALLOW"};
  config.flags = {"SECCOMP_FILTER_FLAG_TSYNC"};
  EXPECT_EQ(compile_seccomp(config)->flags, 0U);
  config.flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
  EXPECT_EQ(compile_seccomp(config)->flags,
            unsigned{SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW});
  config.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  EXPECT_EQ(failure(config),
            "linux.seccomp.flags: 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' needs a rule with "
            "SCMP_ACT_NOTIFY");
  config.syscalls = {rule({"mkdir"}, "SCMP_ACT_NOTIFY")};
  config.listener_path = "/agent";
  EXPECT_EQ(compile_seccomp(config)->flags,
            unsigned{SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV});
  config.flags = {"SECCOMP_FILTER_FLAG_NO_SUCH"};
  EXPECT_EQ(failure(config),
            "linux.seccomp.flags: 'SECCOMP_FILTER_FLAG_NO_SUCH' is not supported by stasis");
}

TEST(CompileSeccomp, NamesWhatItCannotDo) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ALLOW"};
  config.syscalls = {rule({"mkdir"}, "SCMP_ACT_FOO")};
  EXPECT_EQ(failure(config), "linux.seccomp.syscalls[0]: unknown action 'SCMP_ACT_FOO'");
  config.syscalls = {rule({"mkdir"}, "SCMP_ACT_KILL")};
  config.syscalls[0].errno_ret = 1;
  EXPECT_EQ(failure(config), "linux.seccomp.syscalls[0]: action 'SCMP_ACT_KILL' takes no errnoRet");
  config.syscalls[0].action = "SCMP_ACT_ERRNO";
  config.syscalls[0].errno_ret = 0x10000;
  EXPECT_EQ(failure(config), "linux.seccomp.syscalls[0]: errnoRet 65536 is out of range");
  config.syscalls[0].errno_ret = 1;
  config.syscalls[0].args = {{6, 0, 0, "SCMP_CMP_EQ"}};
  EXPECT_EQ(failure(config), "linux.seccomp.syscalls[0]: argument 6: system calls have 6");
  config.syscalls[0].args = {{0, 0, 0, "SCMP_CMP_IN"}};
  EXPECT_EQ(failure(config), "linux.seccomp.syscalls[0]: unknown operator 'SCMP_CMP_IN'");
  config.syscalls.clear();
  config.architectures = {"SCMP_ARCH_VAX"};
  EXPECT_EQ(failure(config), "linux.seccomp.architectures: unknown architecture 'SCMP_ARCH_VAX'");
}

TEST(CompileSeccomp, RefusesToNotifyOfItsOwnCalls) {
  oci::Seccomp config{.default_action = "SCMP_ACT_NOTIFY"};
  EXPECT_EQ(
      failure(config),
      "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be the default: the runtime itself "
      "makes calls until the container's program runs");
  config.default_action = "SCMP_ACT_ALLOW";
  config.syscalls = {rule({"write"}, "SCMP_ACT_ERRNO"), rule({"mkdir"}, "SCMP_ACT_NOTIFY")};
  EXPECT_EQ(failure(config),
            "linux.seccomp.listenerPath: is missing, and SCMP_ACT_NOTIFY needs it");
  config.listener_path = "/agent";
  EXPECT_EQ(failure(config), "");
  config.syscalls[1].names = {"mkdir", "write"};
  EXPECT_EQ(failure(config),
            "linux.seccomp.syscalls[1]: SCMP_ACT_NOTIFY cannot be used for the write system call: "
            "the listener itself is announced with it");
}

// Highest calls: openat2 is 437 everywhere; mkdir 83, and 39 on i386.
TEST(RefuseNewerCalls, KnowsTheNewestOfEveryArchitecture) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ERRNO"};
  config.syscalls = {rule({"mkdir", "no_such_call"}, "SCMP_ACT_ALLOW")};
  const auto program = refuse_newer_calls(config, {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386});
  EXPECT_EQ(answer(program, call(83)), kFellOff);
  EXPECT_EQ(answer(program, call(84)), error(ENOSYS));
  EXPECT_EQ(answer(program, call(39, AUDIT_ARCH_I386)), kFellOff);
  EXPECT_EQ(answer(program, call(40, AUDIT_ARCH_I386)), error(ENOSYS));
  EXPECT_EQ(answer(program, call(600, kArmArchitecture)), kFellOff);
  // x32 is not among them: its numbers, all high, are the rules' business.
  EXPECT_EQ(answer(program, call(kX32Bit | 600)), kFellOff);
}

TEST(RefuseNewerCalls, TellsX32FromX86_64) {
  constexpr std::uint32_t kX32 = AUDIT_ARCH_X86_64 & ~std::uint32_t{__AUDIT_ARCH_64BIT};
  oci::Seccomp config{.default_action = "SCMP_ACT_ERRNO"};
  config.syscalls = {rule({"openat2"}, "SCMP_ACT_ALLOW")};
  const auto program = refuse_newer_calls(config, {kX32});
  EXPECT_EQ(answer(program, call(600)), kFellOff);
  EXPECT_EQ(answer(program, call(kX32Bit | 437)), kFellOff);
  EXPECT_EQ(answer(program, call(kX32Bit | 438)), error(ENOSYS));
}

TEST(RefuseNewerCalls, LeavesProfilesAloneThatNameNoCallOrMeanAll) {
  oci::Seccomp config{.default_action = "SCMP_ACT_ERRNO"};
  EXPECT_TRUE(refuse_newer_calls(config, {AUDIT_ARCH_X86_64}).empty());
  config.syscalls = {rule({"mkdir"}, "SCMP_ACT_KILL")};
  for (const char* action : {"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"}) {
    config.default_action = action;
    EXPECT_TRUE(refuse_newer_calls(config, {AUDIT_ARCH_X86_64}).empty()) << action;
  }
}

}  // namespace
}  // namespace stasis::runtime
