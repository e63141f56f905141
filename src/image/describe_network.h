// A container's network for people, one line for each thing; escaped where the image says it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/network.h"

namespace stasis::image {

// "link veth0 (veth, other end veth1): up, mtu 1400", "address ...", "route ...", "rule ...",
// "neighbour ...", "sysctl net.ipv4.ip_forward = 1".
std::vector<std::string> describe(const model::Network& network);

std::map<std::uint32_t, std::string> link_names(const model::Network& network);

}  // namespace stasis::image
