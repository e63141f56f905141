// The network namespace of a container that has one of its own: links, addresses, routes, rules,
// permanent neighbours and sysctls, before any socket is made. A namespace that is made for a
// restore goes with the container when that fails.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/network.h"

namespace stasis::restore {

// In the network namespace of `init`, which has nothing but lo, and links that hooks or the
// configuration have moved into it.
Result<void> restore_network(const model::Network& network, HostPid init,
                             std::vector<std::string>& warnings);

}  // namespace stasis::restore
