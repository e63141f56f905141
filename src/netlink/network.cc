#include "netlink/network.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace stasis::netlink {
namespace {

struct Commands {
  std::uint16_t add, remove, list;
};

Commands commands_of(NetworkObject kind) {
  switch (kind) {
    case NetworkObject::kAddress:
      return {RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR};
    case NetworkObject::kRoute:
      return {RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE};
    case NetworkObject::kRule:
      return {RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE};
    case NetworkObject::kNeighbour:
      return {RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH};
  }
  return {};
}

// Addresses replace what the kernel made of the same kind; routes of the same prefix stand side by
// side.
std::uint16_t add_flags(NetworkObject kind) {
  switch (kind) {
    case NetworkObject::kAddress:
    case NetworkObject::kNeighbour:
      return NLM_F_CREATE | NLM_F_REPLACE;
    case NetworkObject::kRoute:
      return NLM_F_CREATE | NLM_F_APPEND;
    case NetworkObject::kRule:
      return NLM_F_CREATE | NLM_F_EXCL;
  }
  return 0;
}

template <class Head>
Result<void> list_with(Socket& socket, NetworkObject kind, const Head& head,
                       std::vector<Body>& into) {
  const Commands commands = commands_of(kind);
  return socket.dump(commands.list, std::as_bytes(std::span(&head, 1)),
                     [&](std::span<const std::byte> datagram, bool& done) -> Result<void> {
                       STASIS_ASSIGN(const auto messages, split_messages(datagram));
                       for (const Message& message : messages) {
                         if (message.type == NLMSG_DONE) done = true;
                         if (message.type != commands.add) continue;
                         STASIS_ASSIGN(auto body, take_body(kind, message.body));
                         if (body) into.push_back(std::move(*body));
                       }
                       return {};
                     });
}

template <class Head>
Result<void> list_family(Socket& socket, NetworkObject kind, int family, std::vector<Body>& into) {
  Head head{};
  std::memcpy(&head, &family, 1);  // each of them begins with the family
  return list_with(socket, kind, head, into);
}

Result<void> list_neighbours(Socket& socket, std::vector<Body>& into) {
  for (const int family : {AF_INET, AF_INET6}) {
    for (const int flags : {0, NTF_PROXY}) {
      ndmsg head{};
      head.ndm_family = static_cast<std::uint8_t>(family);
      head.ndm_flags = static_cast<std::uint8_t>(flags);
      STASIS_TRY(list_with(socket, NetworkObject::kNeighbour, head, into));
    }
  }
  return {};
}

}  // namespace

Result<Socket> open_route_socket() { return Socket::open(NETLINK_ROUTE); }

Result<void> make_link(Socket& socket, const Link& link, const Link* peer) {
  return socket.request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, make_link_body(link, peer).bytes());
}

Result<void> change_link(Socket& socket, const MessageBuilder& body) {
  return socket.request(RTM_NEWLINK, 0, body.bytes());
}

Result<std::vector<Link>> list_links(Socket& socket) {
  const ifinfomsg head{};
  std::vector<Link> links;
  STASIS_TRY(socket
                 .dump(RTM_GETLINK, std::as_bytes(std::span(&head, 1)),
                       [&](std::span<const std::byte> datagram, bool& done) {
                         return parse_links(datagram, links, done);
                       })
                 .context("listing network interfaces"));
  return links;
}

Result<std::vector<Body>> list_objects(Socket& socket, NetworkObject kind) {
  std::vector<Body> bodies;
  if (kind == NetworkObject::kNeighbour) {
    STASIS_TRY(list_neighbours(socket, bodies).context("listing neighbours"));
    return bodies;
  }
  for (const int family : {AF_INET, AF_INET6}) {
    if (kind == NetworkObject::kAddress) {
      STASIS_TRY(list_family<ifaddrmsg>(socket, kind, family, bodies).context("listing addresses"));
    } else if (kind == NetworkObject::kRoute) {
      STASIS_TRY(list_family<rtmsg>(socket, kind, family, bodies).context("listing routes"));
    } else {
      STASIS_TRY(list_family<fib_rule_hdr>(socket, kind, family, bodies).context("listing rules"));
    }
  }
  return bodies;
}

Result<std::vector<std::uint32_t>> list_unsettled_links(Socket& socket) {
  const ifaddrmsg head{.ifa_family = AF_INET6};
  std::vector<std::uint32_t> links;
  STASIS_TRY(socket
                 .dump(RTM_GETADDR, std::as_bytes(std::span(&head, 1)),
                       [&](std::span<const std::byte> datagram, bool& done) -> Result<void> {
                         STASIS_ASSIGN(const auto messages, split_messages(datagram));
                         for (const Message& message : messages) {
                           if (message.type == NLMSG_DONE) done = true;
                           if (message.type != RTM_NEWADDR) continue;
                           const auto found = take_value<ifaddrmsg>(message.body);
                           if ((found.ifa_flags & IFA_F_TENTATIVE) != 0)
                             links.push_back(found.ifa_index);
                         }
                         return {};
                       })
                 .context("listing addresses"));
  std::ranges::sort(links);
  links.erase(std::ranges::unique(links).begin(), links.end());
  return links;
}

Result<void> add_object(Socket& socket, NetworkObject kind, std::span<const std::uint8_t> body) {
  return socket.request(commands_of(kind).add, add_flags(kind), std::as_bytes(body));
}

Result<void> remove_object(Socket& socket, NetworkObject kind, std::span<const std::uint8_t> body) {
  return socket.request(commands_of(kind).remove, 0, std::as_bytes(body));
}

}  // namespace stasis::netlink
