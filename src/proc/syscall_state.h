// /proc/PID/syscall: the system call a task is in (proc_pid_syscall(5)).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct SyscallState {
  bool running = false;                // on a CPU: nothing below is known
  std::optional<std::int64_t> number;  // none: blocked outside of a system call
  std::array<std::uint64_t, 6> arguments{};
  RemoteAddr stack_pointer;
  RemoteAddr instruction_pointer;
  bool operator==(const SyscallState&) const = default;
};

Result<SyscallState> parse_syscall(std::string_view text);
// Needs ptrace access (PTRACE_MODE_ATTACH).
Result<SyscallState> read_syscall(const ProcDir& dir);

}  // namespace stasis::proc
