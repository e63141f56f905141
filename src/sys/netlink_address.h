// struct sockaddr_nl, netlink(7).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace stasis::sys {

struct NetlinkAddress {
  std::uint32_t port = 0;    // 0: not bound
  std::uint32_t groups = 0;  // the first 32 multicast groups, as bits
  bool operator==(const NetlinkAddress&) const = default;
};
Result<NetlinkAddress> decode_netlink_address(std::span<const std::uint8_t> address);
std::vector<std::uint8_t> encode_netlink_address(const NetlinkAddress& address);

}  // namespace stasis::sys
