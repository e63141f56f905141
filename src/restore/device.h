// Device nodes are opened and made as the container would do it: under its device cgroup. An image
// may name any node that the root filesystem has, and the controller itself may open all of them.
#pragma once

#include <cstdint>
#include <string>

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

// Makes a device node in the same way; `mode` with its type. The umask applies.
Result<void> make_device_node(int dir_fd, const std::string& name, mode_t mode, dev_t device,
                              HostPid init);

}  // namespace stasis::restore
