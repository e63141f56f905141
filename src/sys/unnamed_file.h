// Files without a name, and giving them one: open(2) with O_TMPFILE (Linux 3.11), linkat(2).
#pragma once

#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// A new file of the file system of the directory `dir_fd`, open for reading and writing, without a
// name: it is gone with its last descriptor. `mode` less the umask. kUnsupported where the file
// system cannot (EOPNOTSUPP; EISDIR from kernels that do not know the flag).
Result<UniqueFd> open_unnamed_at(int dir_fd, mode_t mode);

// Names an unnamed file. kConflict when `name` exists; never replaces. Goes through /proc/self/fd
// where AT_EMPTY_PATH is refused (ENOENT: without CAP_DAC_READ_SEARCH before Linux 6.10).
Result<void> link_fd_at(int fd, int dir_fd, const std::string& name);

// linkat(2): a second name for a file. kConflict when `to` exists.
Result<void> link_at(int dir_fd, const std::string& from, const std::string& to);

}  // namespace stasis::sys
