// Makes System V IPC objects again, under their ids.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "image/reader.h"
#include "restore/live_task.h"
#include "restore/process_tree.h"

namespace stasis::restore {

// Before any address space is built: segments with their content, semaphore sets, message queues.
// `root`: the container's first process, which makes the objects, or forks who does: a segment
// remembers its creator's pid. kConflict: the IPC namespace has objects already.
Result<void> make_ipc_objects(const image::ImageReader& image, LiveTask& root);

// Once all processes are there and have attached what they had: SEM_UNDO adjustments, the pids of
// those who changed semaphores last, and segments that go with their last user.
Result<void> finish_ipc_objects(const model::Container& container, ProcessTree& tree);

}  // namespace stasis::restore
