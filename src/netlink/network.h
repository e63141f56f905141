// The network configuration of the calling thread's network namespace, over rtnetlink(7).
// Listing needs no capability; changing needs CAP_NET_ADMIN in the namespace's user namespace.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "netlink/link.h"
#include "netlink/network_message.h"
#include "netlink/socket.h"

namespace stasis::netlink {

// NETLINK_ROUTE, in the calling thread's network namespace.
Result<Socket> open_route_socket();

Result<std::vector<Link>> list_links(Socket& socket);
// Reduced by take_body(). Neighbours include proxy entries.
Result<std::vector<Body>> list_objects(Socket& socket, NetworkObject kind);

// Links, each once, that have an IPv6 address which cannot be used yet (IFA_F_TENTATIVE).
Result<std::vector<std::uint32_t>> list_unsettled_links(Socket& socket);

// See make_link_body(); EEXIST (kConflict): the name or the number is taken.
Result<void> make_link(Socket& socket, const Link& link, const Link* peer);
// `body`: of one of the set_ functions of link.h.
Result<void> change_link(Socket& socket, const MessageBuilder& body);

// EEXIST (kConflict): there is one like it already.
Result<void> add_object(Socket& socket, NetworkObject kind, std::span<const std::uint8_t> body);
Result<void> remove_object(Socket& socket, NetworkObject kind, std::span<const std::uint8_t> body);

// What a namespace has that list_ does not tell and nothing here can make again, as the user knows
// it: "an nftables table, 'filter'". A kernel without the feature has none.
Result<std::vector<std::string>> list_unsaved(Socket& socket);

}  // namespace stasis::netlink
