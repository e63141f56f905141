// Running code where the container is: its root directory for paths, its network for sockets.
#pragma once

#include <functional>

#include "base/result.h"
#include "restore/call_desk.h"

namespace stasis::restore {

// Runs `work` in a new thread whose root, working directory (both `root`), umask (0) and network
// namespace are its own, and waits for it. Descriptors are shared with the caller. Paths that
// `work` uses are those of the container, and lead nowhere else. `work` may use AssumedIdentity,
// and ask at `desk`, which the caller serves while it waits.
Result<void> run_in_container(int root, int network, const std::function<Result<void>()>& work,
                              CallDesk* desk = nullptr);

}  // namespace stasis::restore
