// Network interface flags: netdevice(7) SIOCGIFFLAGS and SIOCSIFFLAGS. CAP_NET_ADMIN in the user
// namespace that owns the network namespace.
#pragma once

#include <string>

#include "base/result.h"

namespace stasis::sys {

// `ip link set NAME up`, in the caller's network namespace.
Result<void> bring_interface_up(const std::string& name);

}  // namespace stasis::sys
