// The operations with which processes get their SEM_UNDO adjustments back. Pure.
#pragma once

#include <vector>

#include <sys/sem.h>

#include "base/ids.h"
#include "model/ipc.h"

namespace stasis::restore {

// One semop(2) by one process; it changes no value and never waits.
struct SemaphoreStep {
  NsPid process;
  int id = 0;  // of the set
  std::vector<sembuf> operations;
};

// An adjustment appears where a value is changed with SEM_UNDO and changed back without.
std::vector<SemaphoreStep> plan_undo_steps(const model::Ipc& ipc);

// After those: who changed each semaphore last does it once more. Processes that have ended
// meanwhile have steps as well, which nobody carries out.
std::vector<SemaphoreStep> plan_last_changes(const model::Ipc& ipc);

}  // namespace stasis::restore
