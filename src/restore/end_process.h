// Ends helpers and future zombies with a given wait(2) status.
#pragma once

#include "model/task.h"
#include "restore/live_task.h"

namespace stasis::restore {

// What ps shows of a zombie: its name and ids.
Result<void> dress_zombie(LiveTask& task, const model::Process& process);

// `status` as wait(2) has it: an exit status or a killing signal. Returns when the task is dead;
// its parent has not reaped it. A core dump flag is not reproduced: no core is written.
Result<void> end_process(LiveTask& task, int status);

}  // namespace stasis::restore
