// Keeps the program's own file out of a container's reach. A container can make a process of the
// runtime's execute /proc/self/exe, or open /proc/PID/exe of one, and write to the file once nobody
// executes it any more (CVE-2019-5736). So a command that sends processes into containers executes
// the program again, from a read-only mount of it that is attached nowhere or, without the right to
// mount, from a sealed copy in memory.
#pragma once

#include "base/result.h"

namespace stasis::runtime {

// Returns when this process runs from a protected file already, or on failure; else replaces the
// program and does not return. Call it before anything else is done: the work would be lost.
Result<void> enter_protected_program(char* const* argv);

}  // namespace stasis::runtime
