// --pidfd-socket: a caller that listens on a unix socket gets a pidfd of the container's process,
// as runc sends it: one message "pidfd" with the descriptor.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::runtime {

// Before anything is made, so that a caller who is not there costs nothing. "": no socket.
Result<UniqueFd> connect_pidfd_socket(const std::string& path);

// `pid` is this process's child. Nothing when there is no socket.
Result<void> send_pidfd(const UniqueFd& socket, HostPid pid);

}  // namespace stasis::runtime
