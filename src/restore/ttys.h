// Terminals: pty pairs of the container, and its console.
#pragma once

#include "base/result.h"
#include "courier/batch.h"
#include "model/container.h"
#include "restore/file_context.h"

namespace stasis::restore {

// Makes all pairs, under the numbers that they had, opens their files, and sets them.
// kConflict: a number is in use. kInvalidArgument: there is a console, or a terminal from outside,
// and the environment has none.
Result<void> open_ttys(FileContext& context);

// A session leader takes its controlling terminal and puts the right group into its foreground.
// Sessions and groups exist; the descriptors of the leader are in place.
Result<void> add_controlling_tty(const model::Container& container, const model::Process& process,
                                 courier::SyscallBatch& batch);

}  // namespace stasis::restore
