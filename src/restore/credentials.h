// Gives a task its saved identity: seccomp filters, ids, capabilities, securebits, no_new_privs.
#pragma once

#include <span>

#include "courier/batch.h"
#include "model/task.h"

namespace stasis::restore {

// Filters go in first, while the task may still install them without no_new_privs; they do not
// apply to the courier's calls (PTRACE_O_SUSPEND_SECCOMP).
void add_seccomp(courier::SyscallBatch& batch, const model::Seccomp& seccomp,
                 std::span<const model::SeccompFilter> filters);

// The order that user_namespaces(7) and capabilities(7) force: bounding set while CAP_SETPCAP is
// there; ids under SECBIT_NO_SETUID_FIXUP, which keeps the capabilities; then securebits; at last
// the capabilities. `last_capability`: /proc/sys/kernel/cap_last_cap of this machine.
void add_credentials(courier::SyscallBatch& batch, const model::Credentials& credentials,
                     int last_capability);

}  // namespace stasis::restore
