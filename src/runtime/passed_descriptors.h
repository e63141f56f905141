// The caller's descriptors that a container's process gets, from 3 on: those of socket activation
// (sd_listen_fds(3)), then those of --preserve-fds.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace stasis::runtime {

struct PassedDescriptors {
  unsigned count = 0;            // 3 to count + 2 stay open
  std::vector<std::string> env;  // what tells the process of them, for the end of its environment
};

// For pid 1. LISTEN_FDS of the caller's environment counts if LISTEN_PID means this program or, as
// podman has it, pid 1 already. All the descriptors must be open, and the caller's.
Result<PassedDescriptors> pass_to_init(unsigned preserved);

// For a process of exec, which is not the one that sockets are handed to: LISTEN_FDS is ignored.
Result<PassedDescriptors> pass_to_exec(unsigned preserved);

}  // namespace stasis::runtime
