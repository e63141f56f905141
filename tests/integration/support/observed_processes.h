// What the kernel shows of the processes below one: to prove that somebody who stopped them and
// failed has left them as they were.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace stasis::test {

// `root` and all its descendants.
std::vector<pid_t> descendants_of(pid_t root);

// By "PID/TID": tracer, signal masks, handled and ignored signals, capabilities, seccomp. By
// "PID/maps": the memory map. A thread that was interrupted in a call with a signal mask of its own
// (ppoll) shows that mask again only once it has run: such threads are given time to.
using ObservedProcesses = std::map<std::string, std::string>;
ObservedProcesses observe_processes(pid_t root);
// The same; while it is not as `before`, once more, up to the limit of waits.
ObservedProcesses observe_processes_until(pid_t root, const ObservedProcesses& before);

}  // namespace stasis::test
