// General registers of a stopped task, and what the architecture does with them around system
// calls. Implemented once per architecture: trace/arch/x86_64/registers.cc.
#pragma once

#include <array>
#include <cstdint>

#include "base/ids.h"
#include "base/result.h"

namespace stasis::trace {

class Registers {
 public:
  using Raw = std::array<std::uint64_t, 27>;  // the order of struct user_regs_struct
  Registers() = default;
  explicit Registers(const Raw& raw) : raw_(raw) {}

  static Result<Registers> read(HostPid tid);
  Result<void> write(HostPid tid) const;

  const Raw& raw() const { return raw_; }
  RemoteAddr instruction() const;
  void set_instruction(RemoteAddr address);
  RemoteAddr stack() const;
  std::int64_t result() const;

  // Prepares one system call at `syscall_instruction`. The call that was interrupted when the task
  // was stopped, if any, is not restarted by it.
  void prepare_syscall(RemoteAddr syscall_instruction, long number,
                       const std::array<std::uint64_t, 6>& arguments);

  // Prepares a run of the courier's stub over entries [first, end): see courier/stub.h.
  void prepare_stub(RemoteAddr stub, RemoteAddr first, RemoteAddr end, const struct StubTrap& trap);
  // Where the stub stopped: the entry after the last one, or the failed one.
  RemoteAddr stub_position() const;

  // The registers as the kernel would make them on the way back to user space when a system call
  // was interrupted without a handler (arch_do_signal_or_restart in arch/x86/kernel/signal.c):
  // the call runs again. A call that only restart_syscall(2) could continue (its state is in the
  // kernel, which a restored task does not have) runs again from its beginning where the time out
  // is absolute or may be prolonged (poll, futex), and ends with EINTR where the caller learns the
  // remaining time by it (nanosleep with a second argument).
  Registers with_interrupted_call_resolved() const;

  bool operator==(const Registers&) const = default;

 private:
  Raw raw_{};
};

// How the stub reports that it is done: tgkill(pid, tid, signal), numbers of the task's own pid
// namespace. The tracer sees the signal-delivery-stop and swallows the signal.
struct StubTrap {
  NsPid pid;
  NsPid tid;
  int signal = 0;
};

}  // namespace stasis::trace
