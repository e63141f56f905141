// Puts back what belongs to processes and threads besides memory, descriptors and the tree itself.
#pragma once

#include <string>
#include <vector>

#include "model/container.h"
#include "restore/live_task.h"

namespace stasis::restore {

// Of a process, by its leader, while it has all privileges: signal actions, timers that need no
// thread, umask, root and working directory, limits, oom score. Adds sentences to `warnings` for
// what this machine does not let it set.
Result<void> restore_process_state(LiveTask& leader, const model::Process& process,
                                   std::vector<std::string>& warnings);
// POSIX timers: after all threads exist.
Result<void> restore_timers(LiveTask& leader, const model::Process& process);
// Of a thread: scheduling, name, credentials, seccomp, signals, rseq. The last batch in it; then
// its registers are those of the image.
Result<void> restore_thread_state(LiveTask& task, const model::Process& process,
                                  const model::Thread& thread, const model::Container& container,
                                  int last_capability, std::vector<std::string>& warnings);

}  // namespace stasis::restore
