#include "netlink/messages.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

namespace stasis::netlink {
namespace {

constexpr std::uint16_t kAttributeTypeMask = 0x3fff;  // NLA_TYPE_MASK: without the flag bits

std::size_t aligned(std::size_t length, std::size_t available) {
  return std::min((length + 3) & ~std::size_t{3}, available);
}

// With the kernel's reason, which follows the request's header when NETLINK_CAP_ACK is set.
std::string failed_request(const nlmsghdr& header, std::span<const std::byte> body) {
  constexpr std::uint16_t kWithReason = NLM_F_ACK_TLVS | NLM_F_CAPPED;
  const bool told = (header.nlmsg_flags & kWithReason) == kWithReason;
  if (!told || body.size() < sizeof(nlmsgerr)) return "netlink request";
  const auto attributes = split_attributes(body.subspan(sizeof(nlmsgerr)));
  if (!attributes) return "netlink request";
  for (const Attribute& attribute : *attributes) {
    if (attribute.type != NLMSGERR_ATTR_MSG) continue;
    return fmt::format("netlink request ({})", take_text(attribute.value));
  }
  return "netlink request";
}

}  // namespace

std::string take_text(std::span<const std::byte> value) {
  std::string text(reinterpret_cast<const char*>(value.data()), value.size());
  return text.substr(0, text.find('\0'));
}

MessageBuilder& MessageBuilder::add(std::uint16_t type, std::span<const std::byte> value) {
  const rtattr header{static_cast<unsigned short>(sizeof(rtattr) + value.size()), type};
  add_bytes(std::as_bytes(std::span(&header, 1)));
  return add_bytes(value);
}

MessageBuilder& MessageBuilder::add_text(std::uint16_t type, std::string_view text) {
  const std::string with_end(text);
  return add(type, std::as_bytes(std::span(with_end.c_str(), with_end.size() + 1)));
}

MessageBuilder& MessageBuilder::add_bytes(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
  return *this;
}

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
      if (error != 0) return Error::from_errno(failed_request(header, body), -error);
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
