#include "restore/network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/parse.h"
#include "image/describe.h"
#include "image/describe_network.h"
#include "netlink/network.h"
#include "ns/entered_namespace.h"
#include "proc/network_settings.h"
#include "proc/proc_dir.h"
#include "restore/network_links.h"
#include "sys/file.h"

namespace stasis::restore {
namespace {

using netlink::Body;
using netlink::NetworkObject;

class Restorer {
 public:
  Restorer(const model::Network& network, netlink::Socket socket,
           std::vector<std::string>& warnings)
      : network_(network), socket_(std::move(socket)), warnings_(warnings) {}

  Result<void> run() {
    // Twice: some set others, which are then put right.
    STASIS_TRY(set_common());
    STASIS_TRY(set_common());
    STASIS_ASSIGN(links_, make_links(socket_, network_, warnings_));
    STASIS_TRY(set_links(socket_, network_, links_));
    STASIS_TRY(set_of_links());
    // Before the links are up: IPv6 addresses that the kernel would make are then there.
    STASIS_TRY(add_addresses());
    STASIS_TRY(set_link_flags(socket_, network_, links_));
    STASIS_TRY(wait_for_addresses());
    STASIS_TRY(correct_addresses());
    STASIS_TRY(remove_other_addresses());
    STASIS_TRY(add_neighbours());
    STASIS_TRY(add_routes());
    return restore_rules();
  }

 private:
  Result<void> set_common() {
    for (const model::NetworkSetting& setting : network_.settings) {
      if (!proc::parse_link_setting(setting.name)) STASIS_TRY(set(setting));
    }
    return {};
  }

  Result<void> set_of_links() {
    for (const model::NetworkSetting& setting : network_.settings) {
      const auto parsed = proc::parse_link_setting(setting.name);
      if (!parsed) continue;
      const auto link = std::ranges::find(network_.links, parsed->link, &model::NetworkLink::name);
      if (link != network_.links.end() && links_.is_own(link->index)) STASIS_TRY(set(setting));
    }
    return {};
  }

  // Only what differs is written: a write may have effects of its own.
  Result<void> set(const model::NetworkSetting& setting) {
    const std::string path = "/proc/sys/net/" + setting.name;
    const auto frame = [&] {
      return fmt::format("setting sysctl net.{} to '{}'", image::printable(setting.name),
                         image::printable(setting.value));
    };
    const auto present = sys::read_file(path);
    if (present && trim(*present) == setting.value) return {};
    if (!present && present.error().kind() == ErrorKind::kNotFound) {
      warnings_.push_back(frame() + ": this kernel does not have it");
      return {};
    }
    return sys::write_control_file(path, setting.value).context(frame());
  }

  Error failed(Error error, std::string_view doing, NetworkObject kind, const Body& saved) const {
    return std::move(error).context(
        fmt::format("{} {}", doing, netlink::describe(kind, saved, links_.names)));
  }

  // Of the links that are restored, with their numbers here; else nothing.
  Result<std::optional<Body>> prepare(NetworkObject kind, const Body& saved) const {
    STASIS_ASSIGN(const auto used, netlink::links_in(kind, saved));
    const bool all_own = std::ranges::all_of(used, [&](auto link) { return links_.is_own(link); });
    if (!all_own) return std::optional<Body>();
    Body body = saved;
    STASIS_TRY(netlink::map_links(kind, links_.numbers, body));
    return std::optional(std::move(body));
  }

  // An IPv6 address cannot be bound to while the kernel looks for duplicates: it does not look
  // where the address says so. Once it is in use, correct_addresses() puts right what it says.
  Result<void> add_addresses() {
    STASIS_ASSIGN(const auto present, netlink::list_objects(socket_, NetworkObject::kAddress));
    for (const Body& saved : network_.addresses) {
      STASIS_ASSIGN(auto body, prepare(NetworkObject::kAddress, saved));
      // Adding ::1 again, which the kernel made, would give it a route that it does not have.
      if (!body || std::ranges::find(present, *body) != present.end()) continue;
      Body without_detection = *body;
      netlink::skip_duplicate_detection(without_detection);
      STASIS_TRY(add_address(without_detection, saved));
      if (without_detection != *body) to_correct_.emplace_back(*std::move(body), saved);
    }
    return {};
  }

  Result<void> correct_addresses() {
    for (const auto& [body, saved] : to_correct_) STASIS_TRY(add_address(body, saved));
    return {};
  }

  Result<void> add_address(const Body& body, const Body& saved) {
    auto added = netlink::add_object(socket_, NetworkObject::kAddress, body);
    if (added) return {};
    return failed(std::move(added.error()), "adding address", NetworkObject::kAddress, saved);
  }

  // The kernel takes addresses into use in a work of its own, right after a link is up. One whose
  // link is down waits for that, and one that hangs is not worth the container.
  Result<void> wait_for_addresses() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (true) {
      STASIS_ASSIGN(const auto unsettled, netlink::list_unsettled_links(socket_));
      const bool all_down = std::ranges::none_of(unsettled, [&](auto link) { return is_up(link); });
      if (all_down || std::chrono::steady_clock::now() > deadline) return {};
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  bool is_up(std::uint32_t number_here) const {
    return std::ranges::any_of(network_.links, [&](const model::NetworkLink& link) {
      return links_.is_own(link.index) && links_.numbers.at(link.index) == number_here &&
             (link.flags & IFF_UP) != 0;
    });
  }

  Result<void> add_neighbours() {
    for (const Body& saved : network_.neighbours) {
      STASIS_ASSIGN(const auto body, prepare(NetworkObject::kNeighbour, saved));
      if (!body) continue;
      auto added = netlink::add_object(socket_, NetworkObject::kNeighbour, *body);
      if (!added) {
        return failed(std::move(added.error()), "adding neighbour", NetworkObject::kNeighbour,
                      saved);
      }
    }
    return {};
  }

  // Those that the kernel made, and the container had removed.
  Result<void> remove_other_addresses() {
    std::set<std::string> wanted;
    for (const Body& saved : network_.addresses) {
      STASIS_ASSIGN(const auto body, prepare(NetworkObject::kAddress, saved));
      if (body) wanted.insert(netlink::address_key(*body));
    }
    STASIS_ASSIGN(const auto present, netlink::list_objects(socket_, NetworkObject::kAddress));
    for (const Body& body : present) {
      if (wanted.contains(netlink::address_key(body)) || !is_on_made_link(body)) continue;
      auto removed = netlink::remove_object(socket_, NetworkObject::kAddress, body);
      if (!removed) {
        return failed(std::move(removed.error()), "removing address", NetworkObject::kAddress,
                      body);
      }
    }
    return {};
  }

  bool is_on_made_link(const Body& body) const {
    return std::ranges::any_of(network_.links, [&](const model::NetworkLink& link) {
      return !link.external && netlink::is_address_of(body, links_.numbers.at(link.index));
    });
  }

  // A gateway is reached by another route: those that fail are tried again as long as one works.
  Result<void> add_routes() {
    std::vector<const Body*> left;
    for (const Body& route : network_.routes) left.push_back(&route);
    while (!left.empty()) {
      std::vector<const Body*> again;
      std::optional<Error> error;
      for (const Body* saved : left) {
        STASIS_ASSIGN(const auto body, prepare(NetworkObject::kRoute, *saved));
        if (!body) continue;
        auto added = netlink::add_object(socket_, NetworkObject::kRoute, *body);
        if (added || added.error().kind() == ErrorKind::kConflict) continue;
        again.push_back(saved);
        if (error) continue;
        error = failed(std::move(added.error()), "adding route", NetworkObject::kRoute, *saved);
      }
      if (again.size() == left.size() && error) return *std::move(error);
      left = std::move(again);
    }
    return {};
  }

  // Rules of hooks stay; those that every namespace begins with go where the container has removed
  // them.
  Result<void> restore_rules() {
    STASIS_ASSIGN(const auto present, netlink::list_objects(socket_, NetworkObject::kRule));
    const auto contains = [](const std::vector<Body>& rules, const Body& rule) {
      return std::ranges::find(rules, rule) != rules.end();
    };
    for (const Body& rule : network_.rules) {
      if (contains(present, rule)) continue;
      auto added = netlink::add_object(socket_, NetworkObject::kRule, rule);
      if (!added) {
        return failed(std::move(added.error()), "adding rule", NetworkObject::kRule, rule);
      }
    }
    for (const Body& rule : present) {
      if (contains(network_.rules, rule) || !netlink::is_kernel_rule(rule)) continue;
      auto removed = netlink::remove_object(socket_, NetworkObject::kRule, rule);
      if (!removed) {
        return failed(std::move(removed.error()), "removing rule", NetworkObject::kRule, rule);
      }
    }
    return {};
  }

  const model::Network& network_;
  netlink::Socket socket_;
  std::vector<std::string>& warnings_;
  RestoredLinks links_;
  std::vector<std::pair<Body, Body>> to_correct_;  // as it is to be, as it was saved
};

}  // namespace

Result<void> restore_network(const model::Network& network, HostPid init,
                             std::vector<std::string>& warnings) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(init));
  STASIS_ASSIGN(const UniqueFd ns, dir.open_file("ns/net", O_RDONLY));
  STASIS_ASSIGN(const auto inside, ns::EnteredNamespace::enter(ns.get(), CLONE_NEWNET));
  STASIS_ASSIGN(auto socket, netlink::open_route_socket());
  return Restorer(network, std::move(socket), warnings)
      .run()
      .context("restoring the container's network");
}

}  // namespace stasis::restore
