#include "runtime/net_devices.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>

#include "netlink/network.h"
#include "ns/entered_namespace.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

using netlink::Link;
using netlink::NetworkObject;

// A network namespace, and a socket in it.
struct Side {
  UniqueFd ns;
  netlink::Socket socket;
};

Result<Side> open_own_side() {
  STASIS_ASSIGN(UniqueFd ns, sys::open("/proc/self/ns/net", O_RDONLY));
  STASIS_ASSIGN(netlink::Socket socket, netlink::open_route_socket());
  return Side{std::move(ns), std::move(socket)};
}

Result<Side> open_side_of(HostPid pid) {
  STASIS_ASSIGN(UniqueFd ns, sys::open(fmt::format("/proc/{}/ns/net", pid.value), O_RDONLY));
  STASIS_ASSIGN(const auto entered, ns::EnteredNamespace::enter(ns.get(), CLONE_NEWNET));
  STASIS_ASSIGN(netlink::Socket socket, netlink::open_route_socket());
  return Side{std::move(ns), std::move(socket)};
}

Result<std::optional<Link>> find_link(Side& side, const std::string& name) {
  STASIS_ASSIGN(const auto links, netlink::list_links(side.socket));
  const auto found = std::ranges::find(links, name, &Link::name);
  if (found == links.end()) return std::nullopt;
  return *found;
}

Result<std::vector<netlink::Body>> list_lasting_addresses(Side& side, std::uint32_t link) {
  STASIS_ASSIGN(auto addresses, netlink::list_objects(side.socket, NetworkObject::kAddress));
  std::erase_if(addresses, [&](const netlink::Body& one) {
    return !netlink::is_address_of(one, link) || netlink::is_of_link_scope(one);
  });
  return addresses;
}

struct Move {
  Link link;
  std::vector<netlink::Body> addresses;
};

// The kernel would move a link first, and then fail to give it a name that is taken.
Result<Move> plan_move(Side& from, const std::string& name, Side& to, const std::string& new_name) {
  STASIS_ASSIGN(auto link, find_link(from, name));
  if (!link) return fail(ErrorKind::kNotFound, "no network interface of that name");
  STASIS_ASSIGN(const auto taken, find_link(to, new_name));
  if (taken) {
    return fail(ErrorKind::kConflict, "the other network namespace has a '{}' already", new_name);
  }
  STASIS_ASSIGN(auto addresses, list_lasting_addresses(from, link->index));
  return Move{std::move(*link), std::move(addresses)};
}

Result<void> carry_out(const Move& move, Side& from, const Side& to, const std::string& new_name) {
  return netlink::change_link(from.socket,
                              netlink::move_link_body(move.link.index, to.ns.get(), new_name));
}

enum class Then { kUp, kDown };

// Moving takes a link down and its addresses away. They were in use on it already: no duplicates.
Result<void> finish(Move move, Side& to, const std::string& new_name, Then then) {
  STASIS_ASSIGN(auto moved, find_link(to, new_name));
  if (!moved) return fail(ErrorKind::kNotFound, "'{}' is gone after its move", new_name);
  for (netlink::Body& address : move.addresses) {
    STASIS_TRY(
        netlink::map_links(NetworkObject::kAddress, {{move.link.index, moved->index}}, address));
    netlink::drop_label(move.link.name, address);
    netlink::skip_duplicate_detection(address);
    STASIS_TRY(netlink::add_object(to.socket, NetworkObject::kAddress, address));
  }
  if (then == Then::kDown) return {};
  moved->flags |= IFF_UP;
  return netlink::change_link(to.socket, netlink::set_flags_body(*moved));
}

Result<void> move_back(Side& from, const std::string& name, Side& to, const std::string& new_name,
                       Then then) {
  STASIS_ASSIGN(Move move, plan_move(from, name, to, new_name));
  STASIS_TRY(carry_out(move, from, to, new_name));
  return finish(std::move(move), to, new_name, then);
}

}  // namespace

Result<void> move_net_devices(const std::map<std::string, oci::NetDevice>& devices, HostPid init,
                              Rollback& undo) {
  if (devices.empty()) return {};
  STASIS_ASSIGN(Side opened_own, open_own_side());
  STASIS_ASSIGN(Side opened_other, open_side_of(init));
  const auto own = std::make_shared<Side>(std::move(opened_own));
  const auto other = std::make_shared<Side>(std::move(opened_other));
  for (const auto& [outside, device] : devices) {
    const std::string name = outside;
    const std::string inside = device.name.empty() ? name : device.name;
    const auto frame = [&] { return fmt::format("linux.netDevices.{}", name); };
    STASIS_ASSIGN(Move move, plan_move(*own, name, *other, inside).context(frame()));
    STASIS_TRY(carry_out(move, *own, *other, inside).context(frame()));
    const Then before = (move.link.flags & IFF_UP) != 0 ? Then::kUp : Then::kDown;
    undo.push([own, other, name, inside, before] {
      static_cast<void>(move_back(*other, inside, *own, name, before));
    });
    STASIS_TRY(finish(std::move(move), *other, inside, Then::kUp).context(frame()));
  }
  return {};
}

}  // namespace stasis::runtime
