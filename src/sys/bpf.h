// bpf(2) for programs that decide which devices a cgroup may use: BPF_PROG_TYPE_CGROUP_DEVICE,
// Linux 4.15. Needs CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN, in the host's user namespace
// (EPERM). ENOSYS, EINVAL (kUnsupported): a kernel without CONFIG_CGROUP_BPF.
// Not here: what a program consists of (cgroup/device_program.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// struct bpf_insn of linux/bpf.h.
struct BpfInstruction {
  std::uint8_t code = 0;
  std::uint8_t registers = 0;  // destination in the low four bits, source in the high ones
  std::int16_t offset = 0;
  std::int32_t immediate = 0;
  bool operator==(const BpfInstruction&) const = default;
};
static_assert(sizeof(BpfInstruction) == 8);

// The instructions that device programs are made of: classes, sizes and operations together.
inline constexpr std::uint8_t kBpfLoadWord = 0x61;      // dst = *(u32*)(src + offset)
inline constexpr std::uint8_t kBpfMove = 0xbf;          // dst = src
inline constexpr std::uint8_t kBpfMoveConstant = 0xb7;  // dst = immediate
inline constexpr std::uint8_t kBpfAndConstant = 0x57;   // dst &= immediate
inline constexpr std::uint8_t kBpfShiftRight = 0x77;    // dst >>= immediate
inline constexpr std::uint8_t kBpfJumpIfEqual = 0x15;   // if dst == immediate, skip `offset`
inline constexpr std::uint8_t kBpfJumpUnless = 0x55;    // if dst != immediate, skip `offset`
inline constexpr std::uint8_t kBpfExit = 0x95;          // gives register 0

// What such a program finds at register 1 (struct bpf_cgroup_dev_ctx): three words, the first with
// the kind of device in its low half and the kinds of access in its high half.
inline constexpr std::int32_t kBpfDeviceBlock = 1, kBpfDeviceCharacter = 2;
inline constexpr std::int32_t kBpfDeviceMakeNode = 1, kBpfDeviceRead = 2, kBpfDeviceWrite = 4;

// BPF_PROG_LOAD. The error of a program that the kernel's verifier refuses holds its reason.
Result<UniqueFd> load_device_program(std::span<const BpfInstruction> program);
// BPF_PROG_QUERY: the device programs attached to the cgroup itself, not those of its ancestors.
Result<std::vector<std::uint32_t>> query_device_programs(int cgroup_fd);
// BPF_PROG_GET_FD_BY_ID.
Result<UniqueFd> open_bpf_program(std::uint32_t id);
// BPF_PROG_ATTACH with BPF_F_ALLOW_MULTI: the programs of ancestors go on being asked too.
Result<void> attach_device_program(int cgroup_fd, int program);
// The same with BPF_F_REPLACE, Linux 5.6: at no moment without either. EINVAL (kUnsupported) before.
Result<void> replace_device_program(int cgroup_fd, int old_program, int program);
Result<void> detach_device_program(int cgroup_fd, int program);

}  // namespace stasis::sys
