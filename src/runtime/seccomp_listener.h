// SCMP_ACT_NOTIFY: a seccomp agent outside decides on calls of the container. The runtime gives it
// the filter's listener over a socket, before the container's process does anything of its own.
//
//   runtime                                   child
//   ------------------------------------------------------------------------------
//                                             loads the filter
//   <---------- kListener, the number of its descriptor
//   takes the descriptor, gives it to the agent
//   kContinue ------------------------------>
//                                             closes its descriptor
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "runtime/init_channel.h"
#include "runtime/seccomp_program.h"

namespace stasis::runtime {

// The child's side; privileged still. Its calls are the agent's to decide on from here.
Result<void> load_with_listener(const SeccompProgram& program, const InitChannel& channel);

// The runtime's side. `state` is the container's state of the specification, as JSON.
Result<void> hand_listener_over(const SeccompProgram& program, const InitChannel& channel,
                                HostPid pid, const std::string& state);

}  // namespace stasis::runtime
