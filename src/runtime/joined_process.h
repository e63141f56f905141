// A further process in a container that is being restored, for what `exec` had brought in.
#pragma once

#include "base/result.h"
#include "runtime/launch.h"

namespace stasis::runtime {

// Makes a child of this process with the number `pid` in the container's pid namespace, in all its
// namespaces, its cgroup and its keyring. It is in our session, has our descriptors, all
// capabilities in the container's user namespace, and does nothing but wait to be taken over; it
// dies with us. kConflict: the number is in use. Undone with `container`.
Result<HostPid> spawn_joined_process(LaunchedContainer& container, NsPid pid);

}  // namespace stasis::runtime
