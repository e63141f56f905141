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
// "PID/maps": the memory map.
std::map<std::string, std::string> observe_processes(pid_t root);

}  // namespace stasis::test
