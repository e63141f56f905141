#include <algorithm>

#include "image/validate_rules.h"
#include "netlink/link.h"
#include "netlink/network_message.h"

namespace stasis::image {
namespace {

using netlink::NetworkObject;

constexpr std::size_t kMaxLinks = 4096;          // each is compared with all others
constexpr std::size_t kMaxName = 15;             // IFNAMSIZ less the NUL
constexpr std::size_t kMaxAlias = 255;           // IFALIASZ less the NUL
constexpr std::size_t kMaxHardwareAddress = 32;  // MAX_ADDR_LEN
constexpr std::size_t kMaxAttributes = 16384;    // so that a whole request stays below 64 KiB
constexpr std::size_t kMaxBody = 65000;          // likewise
constexpr std::size_t kMaxValue = 4095;          // a sysctl is written at once

Result<void> check_name(std::string_view name) {
  STASIS_TRY(check_text(name, kMaxName, "name"));
  const bool forbidden = name.find_first_of("/: \t\n\v\f\r") != std::string_view::npos;
  if (!name.empty() && !forbidden && name != "." && name != "..") return {};
  return broken("the name '{}'", name);
}

// A link below comes before those on it; only the ends of a veth name each other.
Result<void> check_links_of(const std::vector<model::NetworkLink>& links, std::size_t at) {
  const model::NetworkLink& link = links[at];
  const auto found = std::ranges::find(links, link.parent, &model::NetworkLink::index);
  if (link.parent != 0 && !link.external) {
    if (found == links.end()) return broken("its parent {} does not exist", link.parent);
    const bool pair = link.kind == "veth" && found->kind == "veth" && !found->external &&
                      found->parent == link.index && found->index != link.index;
    if (link.kind == "veth" ? !pair : found - links.begin() >= static_cast<std::ptrdiff_t>(at)) {
      return broken("its parent {} cannot be that", link.parent);
    }
  }
  if (link.kind == "veth" && !link.external && link.parent == 0) return broken("one end of a veth");
  if (link.master == 0) return {};
  const auto master = std::ranges::find(links, link.master, &model::NetworkLink::index);
  if (master == links.end() || master->kind != "bridge" || master->index == link.index) {
    return broken("its master {} is no bridge", link.master);
  }
  return {};
}

Result<void> check_link(const std::vector<model::NetworkLink>& links, std::size_t at) {
  const model::NetworkLink& link = links[at];
  STASIS_TRY(check_name(link.name));
  STASIS_TRY(check_text(link.alias, kMaxAlias, "alias"));
  STASIS_TRY(check_text(link.kind, kMaxName, "kind"));
  if (link.index == 0 || link.index > 0x7fffffff) return broken("the number {}", link.index);
  for (std::size_t i = 0; i < at; ++i) {
    if (links[i].index == link.index) return broken("the number {} twice", link.index);
    if (links[i].name == link.name) return broken("the name '{}' twice", link.name);
  }
  if (!link.external && link.name != "lo" && !netlink::is_makeable(link.kind)) {
    return broken("the kind '{}'", link.kind);
  }
  if (link.address.size() > kMaxHardwareAddress) {
    return broken("a hardware address of {} bytes", link.address.size());
  }
  if (link.kind_data.size() > kMaxAttributes || link.port_data.size() > kMaxAttributes) {
    return broken("{} bytes of attributes", link.kind_data.size() + link.port_data.size());
  }
  STASIS_TRY(netlink::check_kind_data(link.kind, link.kind_data));
  STASIS_TRY(netlink::check_port_data(link.port_data));
  return check_links_of(links, at);
}

Result<void> check_bodies(const std::vector<model::Bytes>& bodies, NetworkObject kind,
                          std::string_view name) {
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    auto checked = bodies[i].size() > kMaxBody ? Result<void>(broken("{} bytes", bodies[i].size()))
                                               : netlink::check_body(kind, bodies[i]);
    if (!checked) return std::move(checked.error()).context(fmt::format("{} {}", name, i));
  }
  return {};
}

Result<void> check_setting(const model::NetworkSetting& setting, const Bounds&) {
  STASIS_TRY(check_relative(setting.name, "name"));
  if (setting.name.empty()) return broken("no name");
  return check_text(setting.value, kMaxValue, "value");
}

}  // namespace

Result<void> check_network(const model::Network& network, const Bounds& bounds) {
  if (network.links.size() > kMaxLinks) return broken("{} network links", network.links.size());
  for (std::size_t i = 0; i < network.links.size(); ++i) {
    STASIS_TRY(check_link(network.links, i).context(fmt::format("network link {}", i)));
  }
  STASIS_TRY(check_bodies(network.addresses, NetworkObject::kAddress, "network address"));
  STASIS_TRY(check_bodies(network.routes, NetworkObject::kRoute, "network route"));
  STASIS_TRY(check_bodies(network.rules, NetworkObject::kRule, "network rule"));
  STASIS_TRY(check_bodies(network.neighbours, NetworkObject::kNeighbour, "network neighbour"));
  return check_all(network.settings, "network setting", bounds, check_setting);
}

}  // namespace stasis::image
