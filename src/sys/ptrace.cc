#include "sys/ptrace.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <array>

#include "sys/call.h"

namespace stasis::sys::ptrace {
namespace {

// ptrace(2) takes numbers and pointers through the same two words.
void* word(std::uint64_t value) { return reinterpret_cast<void*>(value); }

template <class Address, class Data>
long request(__ptrace_request what, HostPid tid, Address address, Data data) {
  return ::ptrace(what, tid.value, address, data);
}

long option_bits(unsigned options) {
  long bits = PTRACE_O_TRACESYSGOOD;
  if ((options & kTraceForks) != 0) {
    bits |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
  }
  if ((options & kSuspendSeccomp) != 0) bits |= PTRACE_O_SUSPEND_SECCOMP;
  if ((options & kExitKill) != 0) bits |= PTRACE_O_EXITKILL;
  return bits;
}

Result<void> simple(__ptrace_request what, const char* name, HostPid tid) {
  if (request(what, tid, word(0), word(0)) != 0) return last_error("{} {}", name, tid.value);
  return {};
}

}  // namespace

Result<void> seize(HostPid tid, unsigned options) {
  if (request(PTRACE_SEIZE, tid, word(0), option_bits(options)) != 0) {
    return last_error("PTRACE_SEIZE {}", tid.value);
  }
  return {};
}

Result<void> set_options(HostPid tid, unsigned options) {
  if (request(PTRACE_SETOPTIONS, tid, word(0), option_bits(options)) != 0) {
    return last_error("PTRACE_SETOPTIONS {}", tid.value);
  }
  return {};
}

Result<void> interrupt(HostPid tid) { return simple(PTRACE_INTERRUPT, "PTRACE_INTERRUPT", tid); }
Result<void> resume(HostPid tid) { return simple(PTRACE_CONT, "PTRACE_CONT", tid); }
Result<void> resume_to_syscall(HostPid tid) {
  return simple(PTRACE_SYSCALL, "PTRACE_SYSCALL", tid);
}
Result<void> resume_with_signal(HostPid tid, int signal) {
  if (request(PTRACE_CONT, tid, word(0), word(static_cast<std::uint64_t>(signal))) != 0) {
    return last_error("PTRACE_CONT {} with signal {}", tid.value, signal);
  }
  return {};
}
Result<void> detach(HostPid tid) { return simple(PTRACE_DETACH, "PTRACE_DETACH", tid); }

Result<std::uint64_t> event_message(HostPid tid) {
  unsigned long message = 0;
  if (request(PTRACE_GETEVENTMSG, tid, word(0), &message) != 0) {
    return last_error("PTRACE_GETEVENTMSG {}", tid.value);
  }
  return std::uint64_t{message};
}

static_assert(sizeof(RawRegisters) == sizeof(user_regs_struct));

Result<RawRegisters> get_registers(HostPid tid) {
  RawRegisters registers{};
  struct iovec vec = {registers.data(), sizeof(registers)};
  if (request(PTRACE_GETREGSET, tid, word(NT_PRSTATUS), &vec) != 0) {
    return last_error("PTRACE_GETREGSET {}", tid.value);
  }
  if (vec.iov_len != sizeof(registers)) {
    return fail(ErrorKind::kUnsupported, "task {} is not a 64-bit x86 task", tid.value);
  }
  return registers;
}

Result<void> set_registers(HostPid tid, const RawRegisters& registers) {
  RawRegisters copy = registers;
  struct iovec vec = {copy.data(), sizeof(copy)};
  if (request(PTRACE_SETREGSET, tid, word(NT_PRSTATUS), &vec) != 0) {
    return last_error("PTRACE_SETREGSET {}", tid.value);
  }
  return {};
}

Result<std::vector<std::uint8_t>> get_xstate(HostPid tid) {
  std::vector<std::uint8_t> bytes(16384);  // AMX tiles alone take 8 KiB
  struct iovec vec = {bytes.data(), bytes.size()};
  if (request(PTRACE_GETREGSET, tid, word(NT_X86_XSTATE), &vec) != 0) {
    return last_error("PTRACE_GETREGSET {} NT_X86_XSTATE", tid.value);
  }
  bytes.resize(vec.iov_len);
  return bytes;
}

Result<void> set_xstate(HostPid tid, std::span<const std::uint8_t> xstate) {
  std::vector<std::uint8_t> copy(xstate.begin(), xstate.end());
  struct iovec vec = {copy.data(), copy.size()};
  if (request(PTRACE_SETREGSET, tid, word(NT_X86_XSTATE), &vec) != 0) {
    return last_error("PTRACE_SETREGSET {} NT_X86_XSTATE", tid.value);
  }
  return {};
}

Result<std::uint64_t> get_signal_mask(HostPid tid) {
  std::uint64_t mask = 0;
  if (request(PTRACE_GETSIGMASK, tid, word(sizeof(mask)), &mask) != 0) {
    return last_error("PTRACE_GETSIGMASK {}", tid.value);
  }
  return mask;
}

Result<void> set_signal_mask(HostPid tid, std::uint64_t mask) {
  if (request(PTRACE_SETSIGMASK, tid, word(sizeof(mask)), &mask) != 0) {
    return last_error("PTRACE_SETSIGMASK {}", tid.value);
  }
  return {};
}

Result<std::vector<RawSigInfo>> peek_signals(HostPid tid, SignalQueue queue) {
  std::vector<RawSigInfo> all;
  constexpr int kBlock = 32;
  std::array<RawSigInfo, kBlock> block{};
  while (true) {
    struct __ptrace_peeksiginfo_args args {};
    args.off = all.size();
    args.flags = queue == SignalQueue::kProcess ? PTRACE_PEEKSIGINFO_SHARED : 0;
    args.nr = kBlock;
    const long got = request(PTRACE_PEEKSIGINFO, tid, &args, block.data());
    if (got < 0) return last_error("PTRACE_PEEKSIGINFO {}", tid.value);
    all.insert(all.end(), block.begin(), block.begin() + got);
    if (got < kBlock) return all;
  }
}

Result<RawSigInfo> get_signal_info(HostPid tid) {
  RawSigInfo info{};
  if (request(PTRACE_GETSIGINFO, tid, word(0), info.data()) != 0) {
    return last_error("PTRACE_GETSIGINFO {}", tid.value);
  }
  return info;
}

Result<std::optional<RseqConfiguration>> get_rseq(HostPid tid) {
  struct __ptrace_rseq_configuration raw {};
  if (request(PTRACE_GET_RSEQ_CONFIGURATION, tid, word(sizeof(raw)), &raw) < 0) {
    return last_error("PTRACE_GET_RSEQ_CONFIGURATION {}", tid.value);
  }
  if (raw.rseq_abi_pointer == 0) return std::optional<RseqConfiguration>();
  return std::optional(
      RseqConfiguration{raw.rseq_abi_pointer, raw.rseq_abi_size, raw.signature, raw.flags});
}

Result<std::optional<SeccompProgram>> get_seccomp_filter(HostPid tid, std::uint64_t index) {
  constexpr std::size_t kInstruction = 8;  // sizeof(struct sock_filter)
  const long count = request(PTRACE_SECCOMP_GET_FILTER, tid, word(index), word(0));
  if (count < 0 && errno == ENOENT) return std::optional<SeccompProgram>();
  if (count < 0) return last_error("PTRACE_SECCOMP_GET_FILTER {} number {}", tid.value, index);
  SeccompProgram program;
  program.instructions.resize(static_cast<std::size_t>(count) * kInstruction);
  if (request(PTRACE_SECCOMP_GET_FILTER, tid, word(index), program.instructions.data()) < 0) {
    return last_error("PTRACE_SECCOMP_GET_FILTER {} number {}", tid.value, index);
  }
  struct __ptrace_seccomp_metadata metadata {};
  metadata.filter_off = index;
  if (request(PTRACE_SECCOMP_GET_METADATA, tid, word(sizeof(metadata)), &metadata) < 0) {
    return last_error("PTRACE_SECCOMP_GET_METADATA {} number {}", tid.value, index);
  }
  program.flags = metadata.flags;
  return std::optional(std::move(program));
}

}  // namespace stasis::sys::ptrace
