#include "sys/netlink_address.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cstring>

namespace stasis::sys {

Result<NetlinkAddress> decode_netlink_address(std::span<const std::uint8_t> address) {
  sockaddr_nl raw{};
  if (address.size() != sizeof(raw)) {
    return fail(ErrorKind::kKernel, "a netlink address of {} bytes", address.size());
  }
  std::memcpy(&raw, address.data(), sizeof(raw));
  return NetlinkAddress{raw.nl_pid, raw.nl_groups};
}

std::vector<std::uint8_t> encode_netlink_address(const NetlinkAddress& address) {
  sockaddr_nl raw{};
  raw.nl_family = AF_NETLINK;
  raw.nl_pid = address.port;
  raw.nl_groups = address.groups;
  std::vector<std::uint8_t> bytes(sizeof(raw));
  std::memcpy(bytes.data(), &raw, sizeof(raw));
  return bytes;
}

}  // namespace stasis::sys
