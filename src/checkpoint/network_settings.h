// Which sysctls of a network namespace a restore has to set.
#pragma once

#include <vector>

#include "model/network.h"
#include "proc/network_settings.h"

namespace stasis::checkpoint {

// What has to be set so that a namespace that begins with `fresh` becomes `found`. Settings of a
// link begin as those of "default" there. In the order in which they are set. Pure.
std::vector<model::NetworkSetting> changed_settings(const proc::NetworkSettings& fresh,
                                                    const proc::NetworkSettings& found);

}  // namespace stasis::checkpoint
