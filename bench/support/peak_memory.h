// The most memory that a command itself had resident.
#pragma once

#include <string>
#include <vector>

namespace stasis::test {

// Runs the command to its end and gives VmHWM of its process in KiB, as it stood just before the
// exit (PTRACE_EVENT_EXIT). Not of its children; of the program that it executed last. getrusage(2)
// would not do: ru_maxrss begins with what the parent had resident at the fork.
long measure_peak_kib(const std::vector<std::string>& arguments);

}  // namespace stasis::test
