#include "trace/registers.h"

#include <sys/syscall.h>
#include <cerrno>

#include "sys/ptrace.h"

namespace stasis::trace {
namespace {

// Indexes into struct user_regs_struct.
enum Index : std::size_t {
  kR15 = 0,
  kR14 = 1,
  kR13 = 2,
  kR12 = 3,
  kRbx = 5,
  kR10 = 7,
  kR9 = 8,
  kR8 = 9,
  kRax = 10,
  kRdx = 12,
  kRsi = 13,
  kRdi = 14,
  kOrigRax = 15,
  kRip = 16,
  kRsp = 19,
};

constexpr std::uint64_t kNoSyscall = ~std::uint64_t{0};
constexpr std::uint64_t kSyscallBytes = 2;  // 0f 05

// Kernel-internal results, include/linux/errno.h.
constexpr std::int64_t kRestartSys = -512;
constexpr std::int64_t kRestartNoIntr = -513;
constexpr std::int64_t kRestartNoHand = -514;
constexpr std::int64_t kRestartBlock = -516;

}  // namespace

Result<Registers> Registers::read(HostPid tid) {
  STASIS_ASSIGN(const auto raw, sys::ptrace::get_registers(tid));
  return Registers(raw);
}

Result<void> Registers::write(HostPid tid) const { return sys::ptrace::set_registers(tid, raw_); }

RemoteAddr Registers::instruction() const { return RemoteAddr{raw_[kRip]}; }
void Registers::set_instruction(RemoteAddr address) { raw_[kRip] = address.value; }
RemoteAddr Registers::stack() const { return RemoteAddr{raw_[kRsp]}; }
std::int64_t Registers::result() const { return static_cast<std::int64_t>(raw_[kRax]); }

void Registers::prepare_syscall(RemoteAddr syscall_instruction, long number,
                                const std::array<std::uint64_t, 6>& arguments) {
  raw_[kRip] = syscall_instruction.value;
  raw_[kRax] = static_cast<std::uint64_t>(number);
  raw_[kOrigRax] = kNoSyscall;
  constexpr Index kArguments[] = {kRdi, kRsi, kRdx, kR10, kR8, kR9};
  for (std::size_t i = 0; i < arguments.size(); ++i) raw_[kArguments[i]] = arguments[i];
}

void Registers::prepare_stub(RemoteAddr stub, RemoteAddr first, RemoteAddr end,
                             const StubTrap& trap) {
  raw_[kRip] = stub.value;
  raw_[kOrigRax] = kNoSyscall;
  raw_[kR12] = first.value;
  raw_[kR13] = end.value;
  raw_[kR14] = static_cast<std::uint64_t>(trap.pid.value);
  raw_[kR15] = static_cast<std::uint64_t>(trap.tid.value);
  raw_[kRbx] = static_cast<std::uint64_t>(trap.signal);
}

RemoteAddr Registers::stub_position() const { return RemoteAddr{raw_[kR12]}; }

Registers Registers::with_interrupted_call_resolved() const {
  Registers resolved = *this;
  if (raw_[kOrigRax] == kNoSyscall) return resolved;
  const auto call = static_cast<long>(raw_[kOrigRax]);
  const auto run_again = [&] {
    resolved.raw_[kRax] = raw_[kOrigRax];
    resolved.raw_[kRip] -= kSyscallBytes;
  };
  switch (result()) {
    case kRestartSys:
    case kRestartNoIntr:
    case kRestartNoHand:
      run_again();
      break;
    case kRestartBlock: {
      const bool told_remaining = (call == SYS_nanosleep && raw_[kRsi] != 0) ||
                                  (call == SYS_clock_nanosleep && raw_[kR10] != 0) ||
                                  call == SYS_restart_syscall;
      if (told_remaining) {
        resolved.raw_[kRax] = static_cast<std::uint64_t>(std::int64_t{-EINTR});
      } else {
        run_again();
      }
      break;
    }
    default:
      break;
  }
  resolved.raw_[kOrigRax] = kNoSyscall;
  return resolved;
}

}  // namespace stasis::trace
