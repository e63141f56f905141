// Device nodes are opened as the container would open them: under its device cgroup. An image may
// name any node that the root filesystem has, and the controller itself may open all of them.
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "base/ids.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::restore {

// The devices that the OCI runtime specification gives every container.
bool is_default_device(std::uint32_t type, dev_t device);

// Opens the device node behind `node` (O_PATH) as a member of the cgroups of `init` that control
// devices. The calling process has one thread. EPERM: the container may not use the device.
Result<UniqueFd> open_device(int node, std::uint32_t flags, HostPid init);

}  // namespace stasis::restore
