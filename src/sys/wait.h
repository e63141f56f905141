// wait4(2) for one tracee or child, decoded. Raw wait statuses stop here.
// Always waits with __WALL: clone children with any exit signal count.
#pragma once

#include <optional>
#include <variant>

#include "base/ids.h"
#include "base/result.h"

namespace stasis::sys {

struct Exited {
  int status = 0;
};
struct Killed {
  int signal = 0;
};
struct SignalStop {  // signal-delivery-stop: about to receive `signal`
  int signal = 0;
};
struct SyscallStop {};    // PTRACE_SYSCALL, entry or exit (needs PTRACE_O_TRACESYSGOOD)
struct InterruptStop {};  // PTRACE_EVENT_STOP after PTRACE_INTERRUPT, or a new auto-attached task
struct GroupStop {        // PTRACE_EVENT_STOP because of a stopping signal (job control)
  int signal = 0;
};
struct EventStop {  // any other PTRACE_EVENT_
  int event = 0;
};

using WaitEvent =
    std::variant<Exited, Killed, SignalStop, SyscallStop, InterruptStop, GroupStop, EventStop>;

// Pure: see ptrace(2), "Stopped states", for the encodings.
WaitEvent decode_wait(int status);
std::string to_string(const WaitEvent& event);

// The next event of `pid`, waiting for it. ECHILD becomes kTaskDied: somebody reaped it.
Result<WaitEvent> wait_for(HostPid pid);
// The next event of `pid` if there is one already.
Result<std::optional<WaitEvent>> poll_wait(HostPid pid);

}  // namespace stasis::sys
