#include "sys/bpf.h"

#include <array>
#include <cstddef>
#include <string>

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

static_assert(sizeof(BpfInstruction) == sizeof(struct bpf_insn));
static_assert(offsetof(BpfInstruction, offset) == offsetof(struct bpf_insn, off));
static_assert(offsetof(BpfInstruction, immediate) == offsetof(struct bpf_insn, imm));
static_assert(kBpfLoadWord == (BPF_LDX | BPF_W | BPF_MEM));
static_assert(kBpfMove == (BPF_ALU64 | BPF_MOV | BPF_X));
static_assert(kBpfMoveConstant == (BPF_ALU64 | BPF_MOV | BPF_K));
static_assert(kBpfAndConstant == (BPF_ALU64 | BPF_AND | BPF_K));
static_assert(kBpfShiftRight == (BPF_ALU64 | BPF_RSH | BPF_K));
static_assert(kBpfJumpIfEqual == (BPF_JMP | BPF_JEQ | BPF_K));
static_assert(kBpfJumpUnless == (BPF_JMP | BPF_JNE | BPF_K));
static_assert(kBpfExit == (BPF_JMP | BPF_EXIT));
static_assert(kBpfDeviceBlock == BPF_DEVCG_DEV_BLOCK);
static_assert(kBpfDeviceCharacter == BPF_DEVCG_DEV_CHAR);
static_assert(kBpfDeviceMakeNode == BPF_DEVCG_ACC_MKNOD);
static_assert(kBpfDeviceRead == BPF_DEVCG_ACC_READ);
static_assert(kBpfDeviceWrite == BPF_DEVCG_ACC_WRITE);

// The kernel lets this many programs be attached to one cgroup (BPF_CGROUP_MAX_PROGS).
constexpr std::size_t kMostPrograms = 64;

std::uint64_t address_of(const void* pointer) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pointer));
}

long bpf(int command, union bpf_attr& attributes) {
  return retry([&] { return ::syscall(SYS_bpf, command, &attributes, sizeof(attributes)); });
}

// EINVAL from a call whose arguments are right means that the kernel has no such thing.
Error unsupported_if_invalid(Error error) {
  if (error.error_number() != EINVAL) return error;
  return std::move(error).as(ErrorKind::kUnsupported);
}

Result<void> attach(int cgroup_fd, int program, std::uint32_t flags, int replaced) {
  union bpf_attr attributes {};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup_fd);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = flags;
  attributes.replace_bpf_fd = static_cast<std::uint32_t>(replaced);
  if (bpf(BPF_PROG_ATTACH, attributes) < 0) {
    return unsupported_if_invalid(last_error("attach a device program to the cgroup"));
  }
  return {};
}

}  // namespace

Result<UniqueFd> load_device_program(std::span<const BpfInstruction> program) {
  std::array<char, 4096> log{};
  union bpf_attr attributes {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = address_of(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = address_of("Apache-2.0");
  long fd = bpf(BPF_PROG_LOAD, attributes);
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  Error error = last_error("load a device program of {} instructions", program.size());
  // Once more, for the verifier's words.
  attributes.log_level = 1;
  attributes.log_buf = address_of(log.data());
  attributes.log_size = log.size();
  fd = bpf(BPF_PROG_LOAD, attributes);
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  if (log.front() != '\0') return std::move(error).context(std::string("verifier: ") + log.data());
  return unsupported_if_invalid(std::move(error));
}

Result<std::vector<std::uint32_t>> query_device_programs(int cgroup_fd) {
  std::vector<std::uint32_t> ids(kMostPrograms);
  union bpf_attr attributes {};
  attributes.query.target_fd = static_cast<std::uint32_t>(cgroup_fd);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = address_of(ids.data());
  attributes.query.prog_cnt = static_cast<std::uint32_t>(ids.size());
  if (bpf(BPF_PROG_QUERY, attributes) < 0) {
    return unsupported_if_invalid(last_error("query the device programs of the cgroup"));
  }
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

Result<UniqueFd> open_bpf_program(std::uint32_t id) {
  union bpf_attr attributes {};
  attributes.prog_id = id;
  const long fd = bpf(BPF_PROG_GET_FD_BY_ID, attributes);
  if (fd < 0) return last_error("open BPF program {}", id);
  return UniqueFd(static_cast<int>(fd));
}

Result<void> attach_device_program(int cgroup_fd, int program) {
  return attach(cgroup_fd, program, BPF_F_ALLOW_MULTI, 0);
}

Result<void> replace_device_program(int cgroup_fd, int old_program, int program) {
  return attach(cgroup_fd, program, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, old_program);
}

Result<void> detach_device_program(int cgroup_fd, int program) {
  union bpf_attr attributes {};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup_fd);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  if (bpf(BPF_PROG_DETACH, attributes) < 0) {
    return last_error("detach a device program from the cgroup");
  }
  return {};
}

}  // namespace stasis::sys
