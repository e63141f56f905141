#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>

#include "netlink/messages.h"
#include "netlink/network_message.h"

namespace stasis::netlink {
namespace {

using LinkNames = std::map<std::uint32_t, std::string>;
using Attributes = std::map<std::uint16_t, std::span<const std::byte>>;

Attributes attributes_of(std::span<const std::byte> bytes) {
  Attributes found;
  const auto attributes = split_attributes(bytes);
  if (!attributes) return found;
  for (const Attribute& attribute : *attributes) found.emplace(attribute.type, attribute.value);
  return found;
}

std::string ip_text(std::span<const std::byte> address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (family == AF_INET6 && address.size() != sizeof(in6_addr)) return "?";
  return inet_ntop(family, address.data(), text.data(), text.size()) == nullptr ? "?" : text.data();
}

std::string hardware_text(std::span<const std::byte> address) {
  std::string text;
  for (const std::byte byte : address) {
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  }
  return text;
}

std::string link_text(std::uint32_t link, const LinkNames& links) {
  const auto found = links.find(link);
  return found == links.end() ? fmt::format("link {}", link) : found->second;
}

std::uint32_t number_in(const Attributes& attributes, std::uint16_t type, std::uint32_t otherwise) {
  const auto found = attributes.find(type);
  return found == attributes.end() ? otherwise : take_value<std::uint32_t>(found->second);
}

std::string describe_address(std::span<const std::byte> body, const LinkNames& links) {
  const auto head = take_value<ifaddrmsg>(body);
  const Attributes attributes = attributes_of(body.subspan(sizeof(head)));
  auto found = attributes.find(IFA_LOCAL);
  if (found == attributes.end()) found = attributes.find(IFA_ADDRESS);
  return fmt::format("{}/{} dev {}", found == attributes.end() ? "?" : ip_text(found->second),
                     head.ifa_prefixlen, link_text(head.ifa_index, links));
}

std::string_view route_type(std::uint8_t type) {
  switch (type) {
    case RTN_UNICAST:
      return "";
    case RTN_LOCAL:
      return "local ";
    case RTN_BROADCAST:
      return "broadcast ";
    case RTN_ANYCAST:
      return "anycast ";
    case RTN_MULTICAST:
      return "multicast ";
    case RTN_BLACKHOLE:
      return "blackhole ";
    case RTN_UNREACHABLE:
      return "unreachable ";
    case RTN_PROHIBIT:
      return "prohibit ";
    case RTN_THROW:
      return "throw ";
    default:
      return "other ";
  }
}

std::string prefix_text(const Attributes& attributes, std::uint16_t type, int length) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return type == RTA_DST ? "default" : "all";
  return fmt::format("{}/{}", ip_text(found->second), length);
}

std::string describe_route(std::span<const std::byte> body, const LinkNames& links) {
  const auto head = take_value<rtmsg>(body);
  const Attributes attributes = attributes_of(body.subspan(sizeof(head)));
  std::string text(route_type(head.rtm_type));
  text += prefix_text(attributes, RTA_DST, head.rtm_dst_len);
  if (const auto gateway = attributes.find(RTA_GATEWAY); gateway != attributes.end()) {
    text += " via " + ip_text(gateway->second);
  }
  if (const auto via = attributes.find(RTA_VIA);
      via != attributes.end() && via->second.size() > sizeof(std::uint16_t)) {
    text += " via " + ip_text(via->second.subspan(sizeof(std::uint16_t)));
  }
  const std::uint32_t link = number_in(attributes, RTA_OIF, 0);
  if (link != 0) text += " dev " + link_text(link, links);
  if (attributes.contains(RTA_MULTIPATH)) text += " with several next hops";
  const std::uint32_t table = number_in(attributes, RTA_TABLE, head.rtm_table);
  if (table != RT_TABLE_MAIN) text += fmt::format(" table {}", table);
  const std::uint32_t metric = number_in(attributes, RTA_PRIORITY, 0);
  if (metric != 0) text += fmt::format(" metric {}", metric);
  return text;
}

std::string describe_rule(std::span<const std::byte> body) {
  const auto head = take_value<fib_rule_hdr>(body);
  const Attributes attributes = attributes_of(body.subspan(sizeof(head)));
  std::string text = fmt::format("{}: from {}", number_in(attributes, FRA_PRIORITY, 0),
                                 prefix_text(attributes, FRA_SRC, head.src_len));
  if (attributes.contains(FRA_DST)) {
    text += " to " + prefix_text(attributes, FRA_DST, head.dst_len);
  }
  if (const std::uint32_t mark = number_in(attributes, FRA_FWMARK, 0); mark != 0) {
    text += fmt::format(" fwmark {:#x}", mark);
  }
  for (const auto& [type, word] : {std::pair{FRA_IIFNAME, "iif"}, std::pair{FRA_OIFNAME, "oif"}}) {
    const auto found = attributes.find(static_cast<std::uint16_t>(type));
    if (found != attributes.end()) text += fmt::format(" {} {}", word, take_text(found->second));
  }
  if (head.family == AF_INET6) text = "IPv6 " + text;
  return text + fmt::format(" lookup {}", number_in(attributes, FRA_TABLE, head.table));
}

std::string describe_neighbour(std::span<const std::byte> body, const LinkNames& links) {
  const auto head = take_value<ndmsg>(body);
  const Attributes attributes = attributes_of(body.subspan(sizeof(head)));
  const auto address = attributes.find(NDA_DST);
  std::string text = address == attributes.end() ? "?" : ip_text(address->second);
  if (const auto at = attributes.find(NDA_LLADDR); at != attributes.end()) {
    text += " lladdr " + hardware_text(at->second);
  }
  if ((head.ndm_flags & NTF_PROXY) != 0) text += " proxy";
  return text + " dev " + link_text(static_cast<std::uint32_t>(head.ndm_ifindex), links);
}

}  // namespace

std::string describe(NetworkObject kind, std::span<const std::uint8_t> body,
                     const LinkNames& links) {
  const auto bytes = std::as_bytes(body);
  if (!check_body(kind, body)) return "?";
  switch (kind) {
    case NetworkObject::kAddress:
      return describe_address(bytes, links);
    case NetworkObject::kRoute:
      return describe_route(bytes, links);
    case NetworkObject::kRule:
      return describe_rule(bytes);
    case NetworkObject::kNeighbour:
      return describe_neighbour(bytes, links);
  }
  return "?";
}

std::string address_key(std::span<const std::uint8_t> body) {
  return describe(NetworkObject::kAddress, body, {});
}

}  // namespace stasis::netlink
