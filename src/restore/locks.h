// File locks. Those of flock(2) and OFD locks belong to the open file description and are taken by
// the controller; POSIX locks belong to a process, which takes them itself.
#pragma once

#include "base/result.h"
#include "courier/batch.h"
#include "model/container.h"
#include "restore/file_context.h"

namespace stasis::restore {

Result<void> take_description_locks(FileContext& context);
// Those POSIX locks that `process` owns, through its own descriptors.
void add_process_locks(const model::Container& container, const model::Process& process,
                       courier::SyscallBatch& batch);

}  // namespace stasis::restore
