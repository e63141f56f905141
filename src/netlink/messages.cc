#include "netlink/messages.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

namespace stasis::netlink {
namespace {

constexpr std::uint16_t kAttributeTypeMask = 0x3fff;  // NLA_TYPE_MASK: without the flag bits

std::size_t aligned(std::size_t length, std::size_t available) {
  return std::min((length + 3) & ~std::size_t{3}, available);
}

}  // namespace

Result<std::vector<Message>> split_messages(std::span<const std::byte> datagram) {
  std::vector<Message> messages;
  while (!datagram.empty()) {
    const auto header = take_value<nlmsghdr>(datagram);
    if (datagram.size() < sizeof(header) || header.nlmsg_len < sizeof(header) ||
        header.nlmsg_len > datagram.size()) {
      return fail(ErrorKind::kKernel, "netlink: a message of {} bytes where {} are left",
                  header.nlmsg_len, datagram.size());
    }
    const auto body = datagram.subspan(sizeof(header), header.nlmsg_len - sizeof(header));
    datagram = datagram.subspan(aligned(header.nlmsg_len, datagram.size()));
    if (header.nlmsg_type == NLMSG_ERROR) {
      const int error = take_value<int>(body);
      if (error != 0) return Error::from_errno("netlink request", -error);
      continue;
    }
    messages.push_back({header.nlmsg_type, body});
  }
  return messages;
}

Result<std::vector<Attribute>> split_attributes(std::span<const std::byte> bytes) {
  std::vector<Attribute> attributes;
  while (!bytes.empty()) {
    const auto header = take_value<rtattr>(bytes);
    if (bytes.size() < sizeof(header) || header.rta_len < sizeof(header) ||
        header.rta_len > bytes.size()) {
      return fail(ErrorKind::kKernel, "netlink: an attribute of {} bytes where {} are left",
                  header.rta_len, bytes.size());
    }
    const auto type = static_cast<std::uint16_t>(header.rta_type & kAttributeTypeMask);
    attributes.push_back({type, bytes.subspan(sizeof(header), header.rta_len - sizeof(header))});
    bytes = bytes.subspan(aligned(header.rta_len, bytes.size()));
  }
  return attributes;
}

}  // namespace stasis::netlink
