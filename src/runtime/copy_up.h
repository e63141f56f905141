// The mount option tmpcopyup: a new file system begins with what the directory below it holds.
#pragma once

#include "base/result.h"

namespace stasis::runtime {

// Copies everything below `from_dir_fd` into the empty directory `to_dir_fd` (both may be O_PATH):
// directories, files, symbolic links, fifos, sockets and devices with their owners, modes and
// times. Symbolic links are copied, never followed. Needs a umask of 0.
Result<void> copy_up(int from_dir_fd, int to_dir_fd);

}  // namespace stasis::runtime
