// Batches that make a process or a thread with a wanted number: clone3(2) with set_tid, Linux 5.5.
// The caller needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the user namespace that owns its pid
// namespace. EEXIST: the number is taken. Run them with Courier::run_clone.
#pragma once

#include "base/ids.h"
#include "courier/batch.h"

namespace stasis::courier {

SyscallBatch clone_process_batch(NsPid pid, int exit_signal);
// A child of the caller's parent (CLONE_PARENT). EINVAL: the caller is the init of a pid namespace.
SyscallBatch clone_sibling_batch(NsPid pid);
// A thread of the caller: shares memory, files, filesystem state and signal handlers with it.
SyscallBatch clone_thread_batch(NsPid tid);

}  // namespace stasis::courier
