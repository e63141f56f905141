// Names of system calls for error messages.
#pragma once

#include <string>

namespace stasis::courier {

// "mmap" for SYS_mmap; "system call 999" for one that the courier never runs.
std::string syscall_name(long number);

}  // namespace stasis::courier
