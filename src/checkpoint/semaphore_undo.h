// What the kernel would add to semaphores when a process ends (semop(2), SEM_UNDO). No interface
// tells it; a semop that is refused does. The kernel keeps a process's adjustment within 16 bits:
//
//   semop({n, +c}, {n, -c, SEM_UNDO}, ..., {n, +1}, {n, 0, IPC_NOWAIT})
//
// would add the sum D of all c to the adjustment, and always fails: with ERANGE where that leaves
// the 16 bits, else with EAGAIN at the last operation. A semop that fails changes nothing, so the
// smallest D that gives ERANGE tells the adjustment: 32768 - D (ipc/sem.c,
// perform_atomic_semop_slow).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/sem.h>

#include "base/ids.h"
#include "base/result.h"
#include "courier/courier.h"
#include "model/ipc.h"

namespace stasis::checkpoint {

enum class UndoOwner {
  kNobody,        // no thread has a list of adjustments
  kProcess,       // all that have one share it with the leader
  kSingleThread,  // another thread has one of its own
};
// `threads`: of one process, the leader first. The kernel tells whether two tasks have the same
// list (kcmp(2)), and this program has none, or an empty one when it has started threads: then
// everybody seems to have one, and is asked in vain. CONFIG_KCMP.
Result<UndoOwner> find_undo_owner(const std::vector<HostPid>& threads);

struct FoundUndo {
  std::vector<model::SemaphoreUndo> adjustments;
  bool all_seen = true;  // false: the process may not use a semaphore set
};
// Asks the process in which the courier works about all semaphores, in 17 batches.
Result<FoundUndo> ask_undo(courier::Courier& courier, NsPid process,
                           const std::vector<model::SemaphoreSet>& sets);

// The operations that ask whether `sum` more is out of range, 1 to 65536. `value`: the semaphore's.
std::vector<sembuf> make_undo_question(std::uint16_t number, std::uint16_t value,
                                       std::uint32_t sum);

}  // namespace stasis::checkpoint
