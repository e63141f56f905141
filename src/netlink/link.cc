#include "netlink/link.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <algorithm>
#include <array>

namespace stasis::netlink {
namespace {

constexpr std::uint32_t kSettableFlags =
    IFF_UP | IFF_NOARP | IFF_PROMISC | IFF_ALLMULTI | IFF_MULTICAST;

using Types = std::span<const int>;

constexpr auto kBridge = std::to_array<int>({IFLA_BR_FORWARD_DELAY,
                                             IFLA_BR_HELLO_TIME,
                                             IFLA_BR_MAX_AGE,
                                             IFLA_BR_AGEING_TIME,
                                             IFLA_BR_STP_STATE,
                                             IFLA_BR_PRIORITY,
                                             IFLA_BR_VLAN_PROTOCOL,
                                             IFLA_BR_GROUP_FWD_MASK,
                                             IFLA_BR_MCAST_ROUTER,
                                             IFLA_BR_MCAST_SNOOPING,
                                             IFLA_BR_MCAST_QUERY_USE_IFADDR,
                                             IFLA_BR_MCAST_QUERIER,
                                             IFLA_BR_MCAST_HASH_MAX,
                                             IFLA_BR_MCAST_LAST_MEMBER_CNT,
                                             IFLA_BR_MCAST_STARTUP_QUERY_CNT,
                                             IFLA_BR_MCAST_LAST_MEMBER_INTVL,
                                             IFLA_BR_MCAST_MEMBERSHIP_INTVL,
                                             IFLA_BR_MCAST_QUERIER_INTVL,
                                             IFLA_BR_MCAST_QUERY_INTVL,
                                             IFLA_BR_MCAST_QUERY_RESPONSE_INTVL,
                                             IFLA_BR_MCAST_STARTUP_QUERY_INTVL,
                                             IFLA_BR_NF_CALL_IPTABLES,
                                             IFLA_BR_NF_CALL_IP6TABLES,
                                             IFLA_BR_NF_CALL_ARPTABLES,
                                             IFLA_BR_MCAST_STATS_ENABLED,
                                             IFLA_BR_MCAST_IGMP_VERSION,
                                             IFLA_BR_MCAST_MLD_VERSION,
                                             IFLA_BR_MULTI_BOOLOPT});
constexpr auto kVlan = std::to_array<int>({IFLA_VLAN_ID, IFLA_VLAN_FLAGS, IFLA_VLAN_EGRESS_QOS,
                                           IFLA_VLAN_INGRESS_QOS, IFLA_VLAN_PROTOCOL});
constexpr auto kMacvlan =
    std::to_array<int>({IFLA_MACVLAN_MODE, IFLA_MACVLAN_FLAGS, IFLA_MACVLAN_BC_QUEUE_LEN});
constexpr auto kPort = std::to_array<int>(
    {IFLA_BRPORT_PRIORITY, IFLA_BRPORT_COST, IFLA_BRPORT_MODE, IFLA_BRPORT_GUARD,
     IFLA_BRPORT_PROTECT, IFLA_BRPORT_FAST_LEAVE, IFLA_BRPORT_LEARNING, IFLA_BRPORT_UNICAST_FLOOD,
     IFLA_BRPORT_PROXYARP, IFLA_BRPORT_PROXYARP_WIFI, IFLA_BRPORT_MULTICAST_ROUTER,
     IFLA_BRPORT_MCAST_FLOOD, IFLA_BRPORT_MCAST_TO_UCAST, IFLA_BRPORT_BCAST_FLOOD,
     IFLA_BRPORT_GROUP_FWD_MASK, IFLA_BRPORT_NEIGH_SUPPRESS, IFLA_BRPORT_ISOLATED});

Types settable_types(std::string_view kind) {
  if (kind == "bridge") return kBridge;
  if (kind == "vlan") return kVlan;
  if (kind == "macvlan") return kMacvlan;
  return {};
}

std::vector<std::uint8_t> to_bytes(std::span<const std::byte> value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
  return {bytes, bytes + value.size()};
}

Result<std::vector<std::uint8_t>> keep(std::span<const std::byte> nested, Types types) {
  STASIS_ASSIGN(const auto attributes, split_attributes(nested));
  MessageBuilder kept;
  for (const Attribute& attribute : attributes) {
    const bool wanted = std::ranges::find(types, int{attribute.type}) != types.end();
    if (wanted) kept.add(attribute.type, attribute.value);
  }
  return to_bytes(kept.bytes());
}

// Of the options, those that are on: a new bridge has none, and a kernel refuses to hear of one that
// it was built without, even that it is off.
Result<std::vector<std::uint8_t>> keep_bridge(std::span<const std::byte> nested) {
  STASIS_ASSIGN(const auto attributes, split_attributes(nested));
  MessageBuilder kept;
  for (const Attribute& attribute : attributes) {
    if (std::ranges::find(kBridge, int{attribute.type}) == kBridge.end()) continue;
    if (attribute.type != IFLA_BR_MULTI_BOOLOPT) {
      kept.add(attribute.type, attribute.value);
      continue;
    }
    auto options = take_value<br_boolopt_multi>(attribute.value);
    options.optmask = options.optval;
    if (options.optval != 0) kept.add_value(attribute.type, options);
  }
  return to_bytes(kept.bytes());
}

Result<void> check(std::span<const std::uint8_t> data, Types types) {
  const auto attributes = split_attributes(std::as_bytes(data));
  if (!attributes) return Error(attributes.error()).as(ErrorKind::kCorruptImage);
  for (const Attribute& attribute : *attributes) {
    if (std::ranges::find(types, int{attribute.type}) != types.end()) continue;
    return fail(ErrorKind::kCorruptImage, "an attribute of type {}", attribute.type);
  }
  return {};
}

Result<std::string> find_lost(std::string_view kind, std::span<const std::byte> data) {
  STASIS_ASSIGN(const auto attributes, split_attributes(data));
  for (const auto& [type, value] : attributes) {
    if (kind == "bridge" && type == IFLA_BR_VLAN_FILTERING &&
        take_value<std::uint8_t>(value) != 0) {
      return std::string("VLAN filtering");
    }
    if (kind == "macvlan" && type == IFLA_MACVLAN_MODE &&
        take_value<std::uint32_t>(value) == MACVLAN_MODE_SOURCE) {
      return std::string("source mode");
    }
  }
  return std::string();
}

Result<void> take_link_info(std::span<const std::byte> nested, Link& into) {
  STASIS_ASSIGN(const auto attributes, split_attributes(nested));
  std::span<const std::byte> data;
  std::span<const std::byte> port;
  for (const Attribute& attribute : attributes) {
    if (attribute.type == IFLA_INFO_KIND) into.kind = take_text(attribute.value);
    if (attribute.type == IFLA_INFO_DATA) data = attribute.value;
    if (attribute.type == IFLA_INFO_SLAVE_KIND) into.master_kind = take_text(attribute.value);
    if (attribute.type == IFLA_INFO_SLAVE_DATA) port = attribute.value;
  }
  auto kept = into.kind == "bridge" ? keep_bridge(data) : keep(data, settable_types(into.kind));
  STASIS_ASSIGN(into.kind_data, std::move(kept));
  STASIS_ASSIGN(into.lost, find_lost(into.kind, data));
  if (into.master_kind != "bridge") return {};
  STASIS_ASSIGN(into.port_data, keep(port, kPort));
  return {};
}

Result<void> take_attribute(const Attribute& attribute, Link& into) {
  const auto number = [&] { return take_value<std::uint32_t>(attribute.value); };
  switch (attribute.type) {
    case IFLA_IFNAME:
      into.name = take_text(attribute.value);
      break;
    case IFLA_IFALIAS:
      into.alias = take_text(attribute.value);
      break;
    case IFLA_ADDRESS:
      into.address = to_bytes(attribute.value);
      break;
    case IFLA_MTU:
      into.mtu = number();
      break;
    case IFLA_TXQLEN:
      into.queue_length = number();
      break;
    case IFLA_GROUP:
      into.group = number();
      break;
    case IFLA_LINK:
      into.parent = number();
      break;
    case IFLA_LINK_NETNSID:
      into.parent_outside = true;
      break;
    case IFLA_MASTER:
      into.master = number();
      break;
    case IFLA_LINKINFO:
      return take_link_info(attribute.value, into);
    default:
      break;
  }
  return {};
}

ifinfomsg head_of(const Link& link) {
  ifinfomsg head{};
  head.ifi_index = static_cast<int>(link.index);
  return head;
}

void add_traits(const Link& link, MessageBuilder& body) {
  body.add_text(IFLA_IFNAME, link.name);
  if (!link.address.empty()) body.add(IFLA_ADDRESS, std::as_bytes(std::span(link.address)));
  body.add_value(IFLA_MTU, link.mtu);
  body.add_value(IFLA_TXQLEN, link.queue_length);
}

}  // namespace

Result<void> parse_links(std::span<const std::byte> datagram, std::vector<Link>& into, bool& done) {
  STASIS_ASSIGN(const auto messages, split_messages(datagram));
  for (const Message& message : messages) {
    if (message.type == NLMSG_DONE) done = true;
    if (message.type != RTM_NEWLINK) continue;
    if (message.body.size() < sizeof(ifinfomsg)) {
      return fail(ErrorKind::kKernel, "a link message of {} bytes", message.body.size());
    }
    const auto head = take_value<ifinfomsg>(message.body);
    Link link{.index = static_cast<std::uint32_t>(head.ifi_index), .flags = head.ifi_flags};
    STASIS_ASSIGN(const auto attributes, split_attributes(message.body.subspan(sizeof(head))));
    for (const Attribute& attribute : attributes) STASIS_TRY(take_attribute(attribute, link));
    into.push_back(std::move(link));
  }
  return {};
}

bool is_makeable(std::string_view kind) {
  return kind == "dummy" || kind == "bridge" || kind == "veth" || kind == "vlan" ||
         kind == "macvlan";
}

Result<void> check_kind_data(std::string_view kind, std::span<const std::uint8_t> data) {
  return check(data, settable_types(kind));
}

Result<void> check_port_data(std::span<const std::uint8_t> data) { return check(data, kPort); }

MessageBuilder make_link_body(const Link& link, const Link* peer) {
  MessageBuilder body(head_of(link));
  add_traits(link, body);
  MessageBuilder data;
  data.add_bytes(std::as_bytes(std::span(link.kind_data)));
  if (link.kind == "veth" && peer != nullptr) {
    MessageBuilder other(head_of(*peer));
    add_traits(*peer, other);
    data.add(VETH_INFO_PEER | NLA_F_NESTED, other.bytes());
  } else if (link.parent != 0) {
    body.add_value(IFLA_LINK, link.parent);
  }
  MessageBuilder info;
  info.add_text(IFLA_INFO_KIND, link.kind);
  info.add(IFLA_INFO_DATA | NLA_F_NESTED, data.bytes());
  body.add(IFLA_LINKINFO | NLA_F_NESTED, info.bytes());
  return body;
}

MessageBuilder set_link_body(const Link& link) {
  MessageBuilder body(head_of(link));
  body.add_value(IFLA_MTU, link.mtu);
  body.add_value(IFLA_TXQLEN, link.queue_length);
  body.add_value(IFLA_GROUP, link.group);
  body.add_text(IFLA_IFALIAS, link.alias);
  return body;
}

MessageBuilder set_master_body(const Link& link) {
  MessageBuilder body(head_of(link));
  body.add_value(IFLA_MASTER, link.master);
  return body;
}

MessageBuilder set_port_body(const Link& link) {
  MessageBuilder info;
  info.add_text(IFLA_INFO_SLAVE_KIND, "bridge");
  info.add(IFLA_INFO_SLAVE_DATA | NLA_F_NESTED, std::as_bytes(std::span(link.port_data)));
  MessageBuilder body(head_of(link));
  body.add(IFLA_LINKINFO | NLA_F_NESTED, info.bytes());
  return body;
}

MessageBuilder set_flags_body(const Link& link) {
  ifinfomsg head = head_of(link);
  head.ifi_flags = link.flags & kSettableFlags;
  head.ifi_change = kSettableFlags;
  return MessageBuilder(head);
}

MessageBuilder move_link_body(std::uint32_t index, int ns_fd, std::string_view name) {
  MessageBuilder body(head_of({.index = index}));
  body.add_value(IFLA_NET_NS_FD, ns_fd);
  body.add_text(IFLA_IFNAME, name);
  return body;
}

}  // namespace stasis::netlink
