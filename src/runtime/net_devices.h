// linux.netDevices: network interfaces that move from the runtime's network namespace into the
// container's.
#pragma once

#include <map>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/rollback.h"
#include "oci/spec.h"

namespace stasis::runtime {

// Moves each into the network namespace of `init`, under its new name, with its hardware address,
// MTU and the addresses that are of use beyond the link, and brings it up. `undo` takes them back,
// while the namespace lives; routes that they had are lost. What happens at the container's end is
// the kernel's: virtual interfaces go, others come back to the machine's first namespace.
Result<void> move_net_devices(const std::map<std::string, oci::NetDevice>& devices, HostPid init,
                              Rollback& undo);

}  // namespace stasis::runtime
