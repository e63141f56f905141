// The network namespace of a container that has one of its own: links, addresses, routes, rules,
// permanent neighbours and sysctls. What is in it and cannot be made again is a Blocker.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/blocker.h"
#include "checkpoint/seized_container.h"
#include "model/network.h"
#include "proc/network_settings.h"

namespace stasis::checkpoint {

// The settings of a namespace as a restore finds it, to compare with.
Result<proc::NetworkSettings> read_new_network();

// Of the first process; the others must be in the same namespace.
Result<model::Network> collect_network(SeizedContainer& all, const proc::NetworkSettings& fresh,
                                       std::vector<Blocker>& blockers);

}  // namespace stasis::checkpoint
