// ioctl(2) PIDFD_GET_INFO with PIDFD_INFO_EXIT, Linux 6.15: the exit status of a process that is
// not the caller's child. The pidfd must have been opened while the process lived.
#pragma once

#include "base/result.h"
#include "sys/child_process.h"

namespace stasis::sys {

// Blocks until the process has ended and its parent has reaped it, which is when the kernel gives
// the status out. kUnsupported: the kernel does not tell.
Result<ExitStatus> wait_for_pidfd(int pidfd);

}  // namespace stasis::sys
