// A process of its own for a job that must not stop in the middle when the command is killed.
//
//   command                                  worker
//   blocks the signals that end it
//   forks -------------------------------->  session of its own, all signals blocked
//   waits for the report, a signal           works; asks at safe points whether it is wanted still
//   a signal: closes its pipe ------------>  is not: undoes everything
//   dies: so does the kernel                 reports; nobody may listen
//   report, or the end without one <-------  ends
//
// What the command holds (locks on open files) the worker holds too, until it ends. Its threads and
// what it traces are its own, so that the command must neither trace nor thread before.
// Not here: cleaning up after a command that did the work itself (runtime/guardian.h).
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace stasis::runtime {

// kInterrupted: stop, and undo. Cheap: one poll(2).
using StillWanted = std::function<Result<void>()>;
// Gives what the command is to print. Whatever it returns, it has undone or finished everything.
using Job = std::function<Result<std::string>(const StillWanted& still_wanted)>;

// Runs `job` in a worker; its result, error kind and errno included. kTaskDied: the worker was
// killed itself. When SIGHUP, SIGINT, SIGQUIT or SIGTERM interrupt the job, the error is
// kInterrupted and the signal stays pending and blocked: it ends the program once the error is
// logged (end_by_pending_signal). A job that could finish nevertheless has its result returned.
Result<std::string> run_in_worker(const Job& job);

// Lets the pending signal end this program; returns when there is none.
void end_by_pending_signal();

}  // namespace stasis::runtime
