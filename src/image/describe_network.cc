#include "image/describe_network.h"

#include <net/if.h>

#include <algorithm>

#include <fmt/format.h>

#include "image/describe.h"
#include "netlink/network_message.h"

namespace stasis::image {
namespace {

using netlink::NetworkObject;
using LinkNames = std::map<std::uint32_t, std::string>;

std::string describe_link(const model::NetworkLink& link, const LinkNames& names) {
  const auto name_of = [&](std::uint32_t index) {
    const auto found = names.find(index);
    return found == names.end() ? fmt::format("link {}", index) : found->second;
  };
  std::string text = fmt::format("link {}", printable(link.name));
  std::string kind = printable(link.kind);
  if (link.external) {
    kind += fmt::format("{}from outside: not made again", kind.empty() ? "" : ", ");
  } else if (link.parent != 0) {
    kind += fmt::format(", {} {}", link.kind == "veth" ? "other end" : "on", name_of(link.parent));
  }
  if (!kind.empty()) text += fmt::format(" ({})", kind);
  text += fmt::format(": {}, mtu {}", (link.flags & IFF_UP) != 0 ? "up" : "down", link.mtu);
  if (link.master != 0) text += fmt::format(", port of {}", name_of(link.master));
  return text;
}

}  // namespace

LinkNames link_names(const model::Network& network) {
  LinkNames names;
  for (const model::NetworkLink& link : network.links) {
    names.emplace(link.index, printable(link.name));
  }
  return names;
}

std::vector<std::string> describe(const model::Network& network) {
  const LinkNames names = link_names(network);
  std::vector<std::string> lines;
  for (const auto& link : network.links) lines.push_back(describe_link(link, names));
  const auto add = [&](std::string_view word, NetworkObject kind,
                       const std::vector<model::Bytes>& bodies) {
    for (const model::Bytes& body : bodies) {
      lines.push_back(fmt::format("{} {}", word, netlink::describe(kind, body, names)));
    }
  };
  add("address", NetworkObject::kAddress, network.addresses);
  add("route", NetworkObject::kRoute, network.routes);
  add("rule", NetworkObject::kRule, network.rules);
  add("neighbour", NetworkObject::kNeighbour, network.neighbours);
  for (const auto& setting : network.settings) {
    std::string name = printable(setting.name);
    std::ranges::replace(name, '/', '.');
    lines.push_back(fmt::format("sysctl net.{} = {}", name, printable(setting.value)));
  }
  return lines;
}

}  // namespace stasis::image
