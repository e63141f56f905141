#include "runtime/seccomp_newer_calls.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <string_view>

#include <seccomp.h>

namespace stasis::runtime {
namespace {

// struct sock_filter and the opcodes of linux/bpf_common.h that are used here.
struct Instruction {
  std::uint16_t code = 0;
  std::uint8_t if_true = 0, if_false = 0;  // instructions to skip
  std::uint32_t value = 0;
};
static_assert(sizeof(Instruction) == sizeof(std::uint64_t));
constexpr std::uint16_t kLoadWord = 0x20, kJumpEqual = 0x15, kJumpGreater = 0x25,
                        kJumpBitsSet = 0x45, kReturn = 0x06;
// Offsets in struct seccomp_data.
constexpr std::uint32_t kNumber = 0, kArchitecture = 4;

// x32 is x86_64 to the kernel, with this bit in the number.
constexpr std::uint32_t kX32Bit = 0x40000000;

// 0: the profile names no call that this architecture has.
std::uint32_t highest_call(const oci::Seccomp& config, std::uint32_t architecture) {
  int highest = 0;
  for (const oci::SeccompRule& rule : config.syscalls) {
    for (const std::string& name : rule.names) {
      // Negative: unknown, or a number that libseccomp made up.
      highest =
          std::max(highest, ::seccomp_syscall_resolve_name_arch(architecture, name.c_str()));
    }
  }
  return static_cast<std::uint32_t>(highest);
}

void append(std::vector<std::uint64_t>& program, const std::vector<Instruction>& section) {
  for (const Instruction& one : section) program.push_back(std::bit_cast<std::uint64_t>(one));
}

std::vector<Instruction> section_for(std::uint32_t architecture, std::uint32_t highest) {
  const Instruction refuse{kReturn, 0, 0, SCMP_ACT_ERRNO(ENOSYS)};
  const bool x32 = architecture == SCMP_ARCH_X32;
  if (!x32 && architecture != SCMP_ARCH_X86_64) {
    return {{kLoadWord, 0, 0, kArchitecture},
            {kJumpEqual, 0, 3, architecture},
            {kLoadWord, 0, 0, kNumber},
            {kJumpGreater, 0, 1, highest},
            refuse};
  }
  const std::uint8_t other_abi = 2;
  return {{kLoadWord, 0, 0, kArchitecture},
          {kJumpEqual, 0, 4, SCMP_ARCH_X86_64},
          {kLoadWord, 0, 0, kNumber},
          {kJumpBitsSet, x32 ? std::uint8_t{0} : other_abi, x32 ? other_abi : std::uint8_t{0},
           kX32Bit},
          {kJumpGreater, 0, 1, highest},
          refuse};
}

// A profile that lets unnamed calls through, or leaves them to a tracer, means the newer ones too.
bool allows_unnamed(std::string_view action) {
  return action == "SCMP_ACT_ALLOW" || action == "SCMP_ACT_LOG" || action == "SCMP_ACT_TRACE";
}

}  // namespace

std::vector<std::uint64_t> refuse_newer_calls(const oci::Seccomp& config,
                                              const std::vector<std::uint32_t>& architectures) {
  std::vector<std::uint64_t> program;
  if (allows_unnamed(config.default_action)) return program;
  for (const std::uint32_t architecture : architectures) {
    const std::uint32_t highest = highest_call(config, architecture);
    if (highest != 0) append(program, section_for(architecture, highest));
  }
  return program;
}

}  // namespace stasis::runtime
