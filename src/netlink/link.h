// Network interfaces: rtnetlink(7) RTM_GETLINK and RTM_NEWLINK. What a dump says of a link, and
// the bodies of requests that make one like it. Pure; see netlink/network.h for the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netlink/messages.h"

namespace stasis::netlink {

struct Link {
  std::uint32_t index = 0;
  std::string name, alias;
  std::string kind;         // "veth", "bridge" ...; "": lo, and devices of a driver
  std::uint32_t flags = 0;  // IFF_
  std::uint32_t mtu = 0;
  std::uint32_t queue_length = 0;
  std::uint32_t group = 0;
  std::uint32_t parent = 0;     // the link below, of a veth the other end; 0: none
  bool parent_outside = false;  // it is in another network namespace
  std::uint32_t master = 0;     // the bridge it is a port of; 0: none
  std::string master_kind;
  std::string lost;  // what of its kind is not in `kind_data`: "VLAN filtering"; "": nothing
  std::vector<std::uint8_t> address;
  // Attributes of the kind, and of a port of a bridge: those that can be set.
  std::vector<std::uint8_t> kind_data, port_data;
  bool operator==(const Link&) const = default;
};

// The links of one datagram of a dump; sets `done` at NLMSG_DONE.
Result<void> parse_links(std::span<const std::byte> datagram, std::vector<Link>& into, bool& done);

// Whether make_link_body() can make a link like this one, given the one below it.
bool is_makeable(std::string_view kind);
// Only whole attributes that can be set, as parse_links() leaves them.
Result<void> check_kind_data(std::string_view kind, std::span<const std::uint8_t> data);
Result<void> check_port_data(std::span<const std::uint8_t> data);

// RTM_NEWLINK with NLM_F_CREATE: a link with this number and name, down. A veth is made together
// with `peer`; for others it is ignored.
MessageBuilder make_link_body(const Link& link, const Link* peer);
// RTM_NEWLINK of a link that exists: length of its queue, alias, group, MTU.
MessageBuilder set_link_body(const Link& link);
// Makes it a port of its master, then sets the port's own attributes.
MessageBuilder set_master_body(const Link& link);
MessageBuilder set_port_body(const Link& link);
// The flags that can be asked for: up, no ARP, promiscuous, all multicast, multicast.
MessageBuilder set_flags_body(const Link& link);

// Into the network namespace that `ns_fd` refers to, under that name.
MessageBuilder move_link_body(std::uint32_t index, int ns_fd, std::string_view name);

}  // namespace stasis::netlink
