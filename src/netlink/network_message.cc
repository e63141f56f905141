#include "netlink/network_message.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "netlink/messages.h"

namespace stasis::netlink {
namespace {

constexpr std::uint32_t kSettableAddressFlags = IFA_F_NODAD | IFA_F_HOMEADDRESS |
                                                IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |
                                                IFA_F_MCAUTOJOIN | IFA_F_OPTIMISTIC;
constexpr std::uint8_t kSettableHopFlags = RTNH_F_ONLINK | RTNH_F_PERVASIVE;
constexpr std::uint32_t kTicksPerSecond = 100;  // USER_HZ, in struct rta_cacheinfo

std::size_t head_size(NetworkObject kind) {
  switch (kind) {
    case NetworkObject::kAddress:
      return sizeof(ifaddrmsg);
    case NetworkObject::kRoute:
      return sizeof(rtmsg);
    case NetworkObject::kRule:
      return sizeof(fib_rule_hdr);
    case NetworkObject::kNeighbour:
      return sizeof(ndmsg);
  }
  return 0;
}

bool is_kept(NetworkObject kind, std::uint16_t type) {
  const auto one_of = [type](std::initializer_list<int> types) {
    return std::ranges::find(types, int{type}) != types.end();
  };
  switch (kind) {
    case NetworkObject::kAddress:
      return one_of({IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST, IFA_CACHEINFO, IFA_FLAGS,
                     IFA_RT_PRIORITY, IFA_PROTO});
    case NetworkObject::kRoute:
      return one_of({RTA_DST, RTA_SRC, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS,
                     RTA_MULTIPATH, RTA_FLOW, RTA_TABLE, RTA_VIA, RTA_PREF, RTA_ENCAP_TYPE,
                     RTA_ENCAP, RTA_EXPIRES, RTA_TTL_PROPAGATE});
    case NetworkObject::kRule:
      return type >= FRA_DST && type != FRA_UNUSED2 && type != FRA_UNUSED3 && type != FRA_UNUSED4 &&
             type != FRA_UNUSED5 && type != FRA_PAD;
    case NetworkObject::kNeighbour:
      return one_of({NDA_DST, NDA_LLADDR, NDA_PROTOCOL});
  }
  return false;
}

bool is_kernel_made(NetworkObject kind, std::span<const std::byte> body,
                    const std::vector<Attribute>& attributes) {
  switch (kind) {
    case NetworkObject::kAddress:
      for (const Attribute& attribute : attributes) {
        if (attribute.type != IFA_FLAGS) continue;
        // Of IPv4 the same bit says "secondary".
        const bool six = take_value<ifaddrmsg>(body).ifa_family == AF_INET6;
        return six && (take_value<std::uint32_t>(attribute.value) & IFA_F_TEMPORARY) != 0;
      }
      return false;
    case NetworkObject::kRoute: {
      const auto head = take_value<rtmsg>(body);
      return (head.rtm_flags & RTM_F_CLONED) != 0 || head.rtm_protocol == RTPROT_KERNEL ||
             head.rtm_protocol == RTPROT_REDIRECT || head.rtm_protocol == RTPROT_RA;
    }
    case NetworkObject::kRule:
      return false;
    case NetworkObject::kNeighbour: {
      const auto head = take_value<ndmsg>(body);
      return (head.ndm_flags & NTF_PROXY) == 0 && (head.ndm_state & NUD_PERMANENT) == 0;
    }
  }
  return false;
}

std::uint8_t family_of(std::span<const std::byte> body) { return take_value<std::uint8_t>(body); }

// The next hops of a multipath route: struct rtnexthop, each with attributes.
template <class Visit>
Result<void> visit_hops(std::span<const std::byte> value, const Visit& visit) {
  std::size_t at = 0;
  while (at < value.size()) {
    const auto hop = take_value<rtnexthop>(value.subspan(at));
    if (hop.rtnh_len < sizeof(hop) || hop.rtnh_len > value.size() - at) {
      return fail(ErrorKind::kCorruptImage, "a next hop of {} bytes where {} are left",
                  hop.rtnh_len, value.size() - at);
    }
    visit(at, hop);
    at += (std::size_t{hop.rtnh_len} + 3) & ~std::size_t{3};
  }
  return {};
}

template <class T>
void store(std::span<std::byte> bytes, const T& value) {
  std::memcpy(bytes.data(), &value, sizeof(T));
}

// The head with what can be asked for only.
void add_head(NetworkObject kind, std::span<const std::byte> body, MessageBuilder& builder) {
  switch (kind) {
    case NetworkObject::kAddress: {
      auto head = take_value<ifaddrmsg>(body);
      head.ifa_flags &= kSettableAddressFlags & 0xff;
      if (head.ifa_family == AF_INET) head.ifa_flags = 0;
      builder = MessageBuilder(head);
      return;
    }
    case NetworkObject::kRoute: {
      auto head = take_value<rtmsg>(body);
      head.rtm_flags &= kSettableHopFlags;
      builder = MessageBuilder(head);
      return;
    }
    case NetworkObject::kRule: {
      auto head = take_value<fib_rule_hdr>(body);
      head.flags &= FIB_RULE_INVERT;
      builder = MessageBuilder(head);
      return;
    }
    case NetworkObject::kNeighbour: {
      auto head = take_value<ndmsg>(body);
      head.ndm_flags &= NTF_PROXY | NTF_ROUTER;
      head.ndm_state = (head.ndm_flags & NTF_PROXY) != 0 ? std::uint16_t{0} : NUD_PERMANENT;
      head.ndm_type = 0;
      builder = MessageBuilder(head);
      return;
    }
  }
}

Result<void> add_hops(const Attribute& attribute, MessageBuilder& builder) {
  std::vector<std::byte> hops(attribute.value.begin(), attribute.value.end());
  STASIS_TRY(visit_hops(attribute.value, [&](std::size_t at, rtnexthop hop) {
    hop.rtnh_flags &= kSettableHopFlags;
    store(std::span(hops).subspan(at), hop);
  }));
  builder.add(RTA_MULTIPATH, hops);
  return {};
}

Result<void> add_attribute(NetworkObject kind, std::uint8_t family, const Attribute& attribute,
                           MessageBuilder& builder) {
  if (kind == NetworkObject::kAddress && attribute.type == IFA_FLAGS) {
    auto flags = take_value<std::uint32_t>(attribute.value) & kSettableAddressFlags;
    // Of IPv4 the lower bits mean other things.
    if (family == AF_INET) flags &= IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
    builder.add_value(IFA_FLAGS, flags);
    return {};
  }
  if (kind == NetworkObject::kAddress && attribute.type == IFA_CACHEINFO) {
    auto lifetimes = take_value<ifa_cacheinfo>(attribute.value);
    lifetimes.cstamp = lifetimes.tstamp = 0;
    builder.add_value(IFA_CACHEINFO, lifetimes);
    return {};
  }
  if (kind == NetworkObject::kRoute && attribute.type == RTA_CACHEINFO) {
    const auto cache = take_value<rta_cacheinfo>(attribute.value);
    if (cache.rta_expires > 0 && family == AF_INET6) {
      const auto ticks = static_cast<std::uint32_t>(cache.rta_expires);
      builder.add_value(RTA_EXPIRES, std::max(ticks / kTicksPerSecond, 1U));
    }
    return {};
  }
  if (kind == NetworkObject::kRoute && attribute.type == RTA_MULTIPATH) {
    return add_hops(attribute, builder);
  }
  if (is_kept(kind, attribute.type)) builder.add(attribute.type, attribute.value);
  return {};
}

// Where the number of a link stands in `body`, and each one's value.
template <class Visit>
Result<void> visit_links(NetworkObject kind, std::span<const std::byte> body, const Visit& visit) {
  if (kind == NetworkObject::kAddress) visit(offsetof(ifaddrmsg, ifa_index));
  if (kind == NetworkObject::kNeighbour) visit(offsetof(ndmsg, ndm_ifindex));
  if (kind != NetworkObject::kRoute) return {};
  STASIS_ASSIGN(const auto attributes, split_attributes(body.subspan(head_size(kind))));
  for (const Attribute& attribute : attributes) {
    const auto at = static_cast<std::size_t>(attribute.value.data() - body.data());
    if (attribute.type == RTA_OIF && attribute.value.size() == sizeof(std::uint32_t)) visit(at);
    if (attribute.type != RTA_MULTIPATH) continue;
    STASIS_TRY(visit_hops(attribute.value, [&](std::size_t hop, const rtnexthop&) {
      visit(at + hop + offsetof(rtnexthop, rtnh_ifindex));
    }));
  }
  return {};
}

}  // namespace

Result<std::optional<Body>> take_body(NetworkObject kind, std::span<const std::byte> dumped) {
  if (dumped.size() < head_size(kind)) {
    return fail(ErrorKind::kKernel, "an rtnetlink message of {} bytes", dumped.size());
  }
  const std::uint8_t family = family_of(dumped);
  if (family != AF_INET && family != AF_INET6) return std::optional<Body>();
  STASIS_ASSIGN(const auto attributes, split_attributes(dumped.subspan(head_size(kind))));
  if (is_kernel_made(kind, dumped, attributes)) return std::optional<Body>();
  MessageBuilder builder;
  add_head(kind, dumped, builder);
  for (const Attribute& attribute : attributes) {
    STASIS_TRY(add_attribute(kind, family, attribute, builder));
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(builder.bytes().data());
  return std::optional(Body(bytes, bytes + builder.bytes().size()));
}

bool is_address_of(std::span<const std::uint8_t> body, std::uint32_t link) {
  return take_value<ifaddrmsg>(std::as_bytes(body)).ifa_index == link;
}

bool is_of_link_scope(std::span<const std::uint8_t> body) {
  return take_value<ifaddrmsg>(std::as_bytes(body)).ifa_scope == RT_SCOPE_LINK;
}

void skip_duplicate_detection(Body& body) {
  const auto bytes = std::as_writable_bytes(std::span(body));
  auto head = take_value<ifaddrmsg>(bytes);
  const auto attributes = split_attributes(bytes.subspan(std::min(bytes.size(), sizeof(head))));
  if (head.ifa_family != AF_INET6 || !attributes) return;
  head.ifa_flags |= IFA_F_NODAD;
  store(bytes, head);
  for (const Attribute& attribute : *attributes) {
    if (attribute.type != IFA_FLAGS || attribute.value.size() != sizeof(std::uint32_t)) continue;
    const auto at = static_cast<std::size_t>(attribute.value.data() - bytes.data());
    store(bytes.subspan(at), take_value<std::uint32_t>(attribute.value) | IFA_F_NODAD);
  }
}

void drop_label(std::string_view label, Body& body) {
  const auto bytes = std::as_bytes(std::span(body));
  const auto attributes = split_attributes(bytes.subspan(std::min(bytes.size(), sizeof(ifaddrmsg))));
  if (!attributes) return;
  MessageBuilder rest(take_value<ifaddrmsg>(bytes));
  for (const Attribute& attribute : *attributes) {
    const std::string_view text(reinterpret_cast<const char*>(attribute.value.data()),
                                attribute.value.size());
    const bool is_label = attribute.type == IFA_LABEL && text.substr(0, text.find('\0')) == label;
    if (!is_label) rest.add(attribute.type, attribute.value);
  }
  const auto* start = reinterpret_cast<const std::uint8_t*>(rest.bytes().data());
  body.assign(start, start + rest.bytes().size());
}

bool is_kernel_rule(std::span<const std::uint8_t> body) {
  const auto bytes = std::as_bytes(body);
  const auto attributes =
      split_attributes(bytes.subspan(std::min(bytes.size(), sizeof(fib_rule_hdr))));
  return attributes && std::ranges::any_of(*attributes, [](const Attribute& attribute) {
           return attribute.type == FRA_PROTOCOL &&
                  take_value<std::uint8_t>(attribute.value) == RTPROT_KERNEL;
         });
}

Result<void> check_body(NetworkObject kind, std::span<const std::uint8_t> body) {
  const auto bytes = std::as_bytes(body);
  if (bytes.size() < head_size(kind)) {
    return fail(ErrorKind::kCorruptImage, "an rtnetlink message of {} bytes", bytes.size());
  }
  if (family_of(bytes) != AF_INET && family_of(bytes) != AF_INET6) {
    return fail(ErrorKind::kCorruptImage, "address family {}", family_of(bytes));
  }
  const auto attributes = split_attributes(bytes.subspan(head_size(kind)));
  if (!attributes) return Error(attributes.error()).as(ErrorKind::kCorruptImage);
  for (const Attribute& attribute : *attributes) {
    if (!is_kept(kind, attribute.type)) {
      return fail(ErrorKind::kCorruptImage, "an attribute of type {}", attribute.type);
    }
  }
  return visit_links(kind, bytes, [](std::size_t) {});
}

Result<std::vector<std::uint32_t>> links_in(NetworkObject kind,
                                            std::span<const std::uint8_t> body) {
  const auto bytes = std::as_bytes(body);
  std::vector<std::uint32_t> links;
  STASIS_TRY(visit_links(kind, bytes, [&](std::size_t at) {
    const auto link = take_value<std::uint32_t>(bytes.subspan(at));
    if (link != 0 && std::ranges::find(links, link) == links.end()) links.push_back(link);
  }));
  return links;
}

Result<void> map_links(NetworkObject kind, const std::map<std::uint32_t, std::uint32_t>& numbers,
                       Body& body) {
  const auto bytes = std::as_writable_bytes(std::span(body));
  return visit_links(kind, bytes, [&](std::size_t at) {
    const auto found = numbers.find(take_value<std::uint32_t>(bytes.subspan(at)));
    if (found != numbers.end()) store(bytes.subspan(at), found->second);
  });
}

}  // namespace stasis::netlink
