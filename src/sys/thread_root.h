// Another root, working directory and umask for one thread alone: unshare(2) CLONE_FS, chroot(2),
// fchdir(2), umask(2); and another descriptor table: CLONE_FILES.
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::sys {

// From here on root, working directory and umask of the calling thread are its own; root and
// working directory are those of `root_fd` (O_PATH will do), the umask is 0. CAP_SYS_CHROOT.
Result<void> enter_thread_root(int root_fd);
// Relative to the thread's root.
Result<void> change_thread_dir(const std::string& path);

// From here on the thread has a copy of the descriptor table to itself, which ends with it.
Result<void> unshare_thread_files();

}  // namespace stasis::sys
