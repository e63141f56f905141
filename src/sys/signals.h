// kill(2), signalfd(2), sigprocmask(2), sigaction(2). No capability needed for one's own processes;
// CAP_KILL for others'.
#pragma once

#include <csignal>
#include <optional>

#include <sys/signalfd.h>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// kill(2). ESRCH (kTaskDied): no such process. EPERM: it belongs to somebody else.
Result<void> kill(HostPid pid, int signal);

// The calling thread's signal mask is replaced; gives the one before.
Result<sigset_t> set_signal_mask(const sigset_t& mask);

// These are blocked as well; gives the mask before.
Result<sigset_t> block_signals(const sigset_t& signals);

// The action is the default one: neither handled nor ignored.
bool has_default_action(int signal);

// Every handled or ignored signal goes back to its default, but for SIGKILL and SIGSTOP, and the
// two that glibc keeps for itself and does not let through.
void reset_signal_actions();

// signalfd(2), Linux 2.6.27, non-blocking. The signals must be blocked in the calling thread.
Result<UniqueFd> open_signal_fd(const sigset_t& signals);
// The next queued signal; nothing when there is none now.
Result<std::optional<signalfd_siginfo>> read_signal_fd(int fd);

}  // namespace stasis::sys
