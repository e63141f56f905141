#include "restore/network_links.h"

#include <algorithm>

#include <fmt/format.h>

#include "image/describe.h"
#include "netlink/network.h"

namespace stasis::restore {
namespace {

using netlink::Link;

Link to_link(const model::NetworkLink& from) {
  return {.index = from.index,
          .name = from.name,
          .alias = from.alias,
          .kind = from.kind,
          .flags = from.flags,
          .mtu = from.mtu,
          .queue_length = from.queue_length,
          .group = from.group,
          .parent = from.parent,
          .master = from.master,
          .address = from.address,
          .kind_data = from.kind_data,
          .port_data = from.port_data};
}

class Maker {
 public:
  Maker(netlink::Socket& socket, const model::Network& network)
      : socket_(socket), network_(network) {}

  Result<RestoredLinks> run(std::vector<std::string>& warnings) {
    STASIS_ASSIGN(present_, netlink::list_links(socket_));
    STASIS_ASSIGN(addresses_, netlink::list_objects(socket_, netlink::NetworkObject::kAddress));
    for (const model::NetworkLink& link : network_.links) {
      links_.names.emplace(link.index, image::printable(link.name));
      if (link.external) {
        take_external(link, warnings);
      } else if (link.name == "lo") {
        STASIS_TRY(take_own(link));
      } else if (!links_.numbers.contains(link.index)) {  // not a second end of a veth
        STASIS_TRY(make(link).context(
            fmt::format("making network interface '{}'", links_.names[link.index])));
      }
    }
    return std::move(links_);
  }

 private:
  const Link* find_present(const std::string& name) const {
    const auto found = std::ranges::find(present_, name, &Link::name);
    return found == present_.end() ? nullptr : &*found;
  }

  Result<void> take_own(const model::NetworkLink& link) {
    const Link* present = find_present(link.name);
    if (present == nullptr)
      return fail(ErrorKind::kNotFound, "no network interface '{}'", link.name);
    links_.numbers[link.index] = present->index;
    links_.own.insert(link.index);
    return {};
  }

  // Whoever moved it in has configured it, perhaps with addresses other than the saved ones.
  void take_external(const model::NetworkLink& link, std::vector<std::string>& warnings) {
    const Link* present = find_present(link.name);
    if (present == nullptr) {
      warnings.push_back(fmt::format(
          "network interface '{}' came from outside of the container and is not there: its "
          "addresses and routes are not restored",
          links_.names[link.index]));
      return;
    }
    links_.numbers[link.index] = present->index;
    const bool configured = std::ranges::any_of(addresses_, [&](const netlink::Body& body) {
      return netlink::is_address_of(body, present->index) && !netlink::is_of_link_scope(body);
    });
    if (!configured) links_.own.insert(link.index);
  }

  // The number that it had, unless a link from outside has it now: then the kernel's choice.
  std::uint32_t choose_number(std::uint32_t wanted) const {
    return std::ranges::find(present_, wanted, &Link::index) == present_.end() ? wanted : 0;
  }

  Result<void> make(const model::NetworkLink& saved) {
    Link link = to_link(saved);
    link.index = choose_number(saved.index);
    const bool is_pair = saved.kind == "veth";
    Link peer;
    if (is_pair) {
      peer = to_link(*std::ranges::find(network_.links, saved.parent, &model::NetworkLink::index));
      peer.index = choose_number(saved.parent);
    } else if (saved.parent != 0) {
      const auto parent = links_.numbers.find(saved.parent);
      if (parent == links_.numbers.end()) {
        return fail(ErrorKind::kNotFound, "the interface below it, '{}', is not there",
                    links_.names[saved.parent]);
      }
      link.parent = parent->second;
    }
    STASIS_TRY(netlink::make_link(socket_, link, is_pair ? &peer : nullptr));
    STASIS_ASSIGN(present_, netlink::list_links(socket_));
    STASIS_TRY(take_own(saved));
    if (!is_pair) return {};
    return take_own(*std::ranges::find(network_.links, saved.parent, &model::NetworkLink::index));
  }

  netlink::Socket& socket_;
  const model::Network& network_;
  std::vector<Link> present_;
  std::vector<netlink::Body> addresses_;
  RestoredLinks links_;
};

// Runs `work` for each link whose state is restored, with the numbers that hold here.
template <class Work>
Result<void> for_each_own(const model::Network& network, const RestoredLinks& links,
                          const Work& work) {
  for (const model::NetworkLink& saved : network.links) {
    if (!links.is_own(saved.index)) continue;
    Link link = to_link(saved);
    link.index = links.numbers.at(saved.index);
    const auto master = links.numbers.find(saved.master);
    link.master = master == links.numbers.end() ? 0 : master->second;
    const Result<void> done = work(saved, link);
    if (done) continue;
    return Error(done.error())
        .context(fmt::format("setting up network interface '{}'", links.names.at(saved.index)));
  }
  return {};
}

}  // namespace

Result<RestoredLinks> make_links(netlink::Socket& socket, const model::Network& network,
                                 std::vector<std::string>& warnings) {
  return Maker(socket, network).run(warnings);
}

Result<void> set_links(netlink::Socket& socket, const model::Network& network,
                       const RestoredLinks& links) {
  return for_each_own(network, links,
                      [&](const model::NetworkLink& saved, const Link& link) -> Result<void> {
                        if (!saved.external)
                          STASIS_TRY(netlink::change_link(socket, netlink::set_link_body(link)));
                        if (link.master == 0) return {};
                        STASIS_TRY(netlink::change_link(socket, netlink::set_master_body(link)));
                        return netlink::change_link(socket, netlink::set_port_body(link));
                      });
}

Result<void> set_link_flags(netlink::Socket& socket, const model::Network& network,
                            const RestoredLinks& links) {
  return for_each_own(network, links, [&](const model::NetworkLink&, const Link& link) {
    return netlink::change_link(socket, netlink::set_flags_body(link));
  });
}

}  // namespace stasis::restore
