// ptrace(2), one function per request. Needs CAP_SYS_PTRACE over the target's user namespace; all
// requests but seize and interrupt need the target in a ptrace stop of ours (else ESRCH,
// kTaskDied).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace stasis::sys::ptrace {

inline constexpr unsigned kTraceForks = 1;  // PTRACE_O_TRACEFORK|VFORK|CLONE: new tasks attach
inline constexpr unsigned kSuspendSeccomp =
    2;                                    // PTRACE_O_SUSPEND_SECCOMP, Linux 4.3, CAP_SYS_ADMIN
inline constexpr unsigned kExitKill = 4;  // PTRACE_O_EXITKILL

// PTRACE_SEIZE: attaches without stopping. EPERM: no access, or traced by somebody else.
Result<void> seize(HostPid tid, unsigned options);
Result<void> set_options(HostPid tid, unsigned options);
// PTRACE_INTERRUPT: the task will report a PTRACE_EVENT_STOP.
Result<void> interrupt(HostPid tid);
// PTRACE_CONT without a signal: a signal of a signal-delivery-stop is swallowed.
Result<void> resume(HostPid tid);
// PTRACE_CONT that delivers `signal` (of the signal-delivery-stop the task is in).
Result<void> resume_with_signal(HostPid tid, int signal);
// PTRACE_SYSCALL: runs to the next system call entry or exit.
Result<void> resume_to_syscall(HostPid tid);
Result<void> detach(HostPid tid);
// PTRACE_GETEVENTMSG: the new task's id for fork events, in the tracer's pid namespace.
Result<std::uint64_t> event_message(HostPid tid);

// General registers in the order of struct user_regs_struct (sys/user.h).
using RawRegisters = std::array<std::uint64_t, 27>;
Result<RawRegisters> get_registers(HostPid tid);
Result<void> set_registers(HostPid tid, const RawRegisters& registers);
// NT_X86_XSTATE: FPU, SSE, AVX, AVX-512, PKRU ... The size is the kernel's.
Result<std::vector<std::uint8_t>> get_xstate(HostPid tid);
Result<void> set_xstate(HostPid tid, std::span<const std::uint8_t> xstate);

// PTRACE_GETSIGMASK, PTRACE_SETSIGMASK; bit n-1 is signal n.
Result<std::uint64_t> get_signal_mask(HostPid tid);
Result<void> set_signal_mask(HostPid tid, std::uint64_t mask);

using RawSigInfo = std::array<std::uint8_t, 128>;
enum class SignalQueue { kThread, kProcess };
// PTRACE_PEEKSIGINFO: pending signals, oldest first, left in the queue.
Result<std::vector<RawSigInfo>> peek_signals(HostPid tid, SignalQueue queue);
// PTRACE_GETSIGINFO: the signal of a signal-delivery-stop.
Result<RawSigInfo> get_signal_info(HostPid tid);

struct RseqConfiguration {
  std::uint64_t address = 0;
  std::uint32_t size = 0;
  std::uint32_t signature = 0;
  std::uint32_t flags = 0;
};
// PTRACE_GET_RSEQ_CONFIGURATION, Linux 5.13; nothing when no rseq area is registered.
Result<std::optional<RseqConfiguration>> get_rseq(HostPid tid);

struct SeccompProgram {
  std::vector<std::uint8_t> instructions;  // struct sock_filter[]
  std::uint64_t flags = 0;                 // SECCOMP_FILTER_FLAG_ bits (metadata, Linux 4.16)
};
// PTRACE_SECCOMP_GET_FILTER number `index`, 0 the oldest; nothing past the last one.
Result<std::optional<SeccompProgram>> get_seccomp_filter(HostPid tid, std::uint64_t index);

}  // namespace stasis::sys::ptrace
