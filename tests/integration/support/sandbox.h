// The sandbox that every integration test runs in: mount, pid, network, IPC, UTS and cgroup
// namespaces of its own, with its own /run, /dev/shm and cgroup roots. Whatever a test or the
// program under test leaves behind or does wrong, it ends with the sandbox and reaches nothing
// else.
//
//   caller            waits, removes the cgroups            (original namespaces)
//     +- guard        unshares, waits                       (dies with the caller)
//          +- init    pid 1: reaps orphans                  (dies with the guard)
//               +- body
#pragma once

#include <functional>

namespace stasis::test {

// Runs `body` in a sandbox and returns its exit status. Needs root.
int run_in_sandbox(const std::function<int()>& body);

}  // namespace stasis::test
