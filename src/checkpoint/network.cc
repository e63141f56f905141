#include "checkpoint/network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/parse.h"
#include "checkpoint/network_settings.h"
#include "netlink/network.h"
#include "ns/entered_namespace.h"
#include "sys/file.h"

namespace stasis::checkpoint {
namespace {

using netlink::Link;
using netlink::NetworkObject;

// What tunnel drivers put into every namespace.
constexpr std::array<std::string_view, 9> kFallbackLinks{
    "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0"};

constexpr std::array<std::string_view, 3> kFirewallLists{
    "net/ip_tables_names", "net/ip6_tables_names", "net/arp_tables_names"};

class Collector {
 public:
  Collector(SeizedContainer& all, std::vector<Blocker>& blockers)
      : all_(all), init_(all.processes().front().dir), blockers_(blockers) {}

  Result<model::Network> run(const proc::NetworkSettings& fresh) {
    STASIS_TRY(refuse_other_namespaces());
    STASIS_TRY(refuse_old_firewalls());
    STASIS_ASSIGN(const UniqueFd own, init_.open_file("ns/net", O_RDONLY));
    STASIS_ASSIGN(const auto inside, ns::EnteredNamespace::enter(own.get(), CLONE_NEWNET));
    STASIS_ASSIGN(auto socket, netlink::open_route_socket());
    STASIS_ASSIGN(const auto links, netlink::list_links(socket));
    collect_links(links);
    STASIS_ASSIGN(network_.addresses, list(socket, NetworkObject::kAddress));
    STASIS_ASSIGN(network_.routes, list(socket, NetworkObject::kRoute));
    STASIS_ASSIGN(network_.rules, list(socket, NetworkObject::kRule));
    STASIS_ASSIGN(network_.neighbours, list(socket, NetworkObject::kNeighbour));
    STASIS_ASSIGN(const auto unsaved, netlink::list_unsaved(socket));
    for (const std::string& what : unsaved) {
      block(fmt::format("{} of the container's network", what),
            "remove it before the checkpoint, or give the container a network namespace by path");
    }
    STASIS_ASSIGN(const proc::NetworkSettings found, proc::read_network_settings());
    network_.settings = changed_settings(fresh, found);
    return std::move(network_);
  }

 private:
  Result<void> refuse_other_namespaces() {
    STASIS_ASSIGN(const std::string own, init_.read_link("ns/net"));
    for (const SeizedProcess& process : all_.processes()) {
      if (process.zombie) continue;
      STASIS_ASSIGN(const std::string link, process.dir.read_link("ns/net"));
      if (link == own) continue;
      blockers_.push_back({process.pid, process.status.name, "",
                           "a network namespace other than that of the container's first process",
                           "end the process before the checkpoint"});
    }
    return {};
  }

  // A table that has been looked at once exists, with or without rules.
  Result<void> refuse_old_firewalls() {
    for (const std::string_view list : kFirewallLists) {
      const auto text = init_.read(std::string(list));
      if (!text) continue;  // a kernel without them
      for (const auto name : split_lines(*text)) {
        block(fmt::format("a table of the old iptables, '{}', of the container's network", name),
              "give the container a network namespace by path, which keeps its rules");
      }
    }
    return {};
  }

  void block(std::string what, std::string advice) {
    blockers_.push_back({NsPid{0}, "", "", std::move(what), std::move(advice)});
  }

  static Result<std::vector<model::Bytes>> list(netlink::Socket& socket, NetworkObject kind) {
    return netlink::list_objects(socket, kind);
  }

  // A link below before those on it; the ends of a veth in any order.
  void collect_links(const std::vector<Link>& links) {
    std::set<std::uint32_t> described;
    const auto is_ready = [&](const Link& link) {
      return link.parent == 0 || link.parent_outside || link.kind == "veth" ||
             described.contains(link.parent) ||
             std::ranges::find(links, link.parent, &Link::index) == links.end();
    };
    for (std::size_t round = 0; round < links.size() && described.size() < links.size(); ++round) {
      for (const Link& link : links) {
        if (described.contains(link.index) || !is_ready(link)) continue;
        described.insert(link.index);
        collect_link(link, links);
      }
    }
  }

  void collect_link(const Link& link, const std::vector<Link>& all) {
    const bool fallback = std::ranges::find(kFallbackLinks, link.name) != kFallbackLinks.end();
    if (fallback && (link.flags & IFF_UP) == 0) return;
    const bool is_lo = (link.flags & IFF_LOOPBACK) != 0;
    const bool has_parent = std::ranges::find(all, link.parent, &Link::index) != all.end();
    const bool needs_parent = link.kind != "dummy" && link.kind != "bridge";
    const bool external =
        !is_lo && (link.kind.empty() || link.parent_outside ||
                   (netlink::is_makeable(link.kind) && needs_parent && !has_parent));
    if (!external && !is_lo) refuse_unmakeable(link);
    if (link.master != 0 && link.master_kind != "bridge") {
      block(fmt::format("network interface '{}', a port of a {}", link.name, link.master_kind),
            "take it out before the checkpoint: only ports of bridges can be restored");
    }
    network_.links.push_back({.index = link.index,
                              .name = link.name,
                              .alias = link.alias,
                              .kind = link.kind,
                              .external = external,
                              .flags = link.flags,
                              .mtu = link.mtu,
                              .queue_length = link.queue_length,
                              .group = link.group,
                              .parent = external ? 0 : link.parent,
                              .master = link.master,
                              .address = link.address,
                              .kind_data = link.kind_data,
                              .port_data = link.port_data});
  }

  void refuse_unmakeable(const Link& link) {
    if (!link.lost.empty()) {
      block(fmt::format("network interface '{}', a {} with {}", link.name, link.kind, link.lost),
            "turn that off before the checkpoint");
    }
    if (netlink::is_makeable(link.kind)) return;
    block(fmt::format("network interface '{}' of kind {}", link.name, link.kind),
          "remove it before the checkpoint: dummy, bridge, veth, vlan and macvlan can be restored");
  }

  SeizedContainer& all_;
  const proc::ProcDir& init_;
  std::vector<Blocker>& blockers_;
  model::Network network_;
};

}  // namespace

Result<proc::NetworkSettings> read_new_network() {
  STASIS_ASSIGN(const auto inside, ns::EnteredNamespace::enter_new(CLONE_NEWNET));
  return proc::read_network_settings();
}

Result<model::Network> collect_network(SeizedContainer& all, const proc::NetworkSettings& fresh,
                                       std::vector<Blocker>& blockers) {
  return Collector(all, blockers).run(fresh).context("the container's network");
}

}  // namespace stasis::checkpoint
