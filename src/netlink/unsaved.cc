#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/nexthop.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <sys/socket.h>

#include "netlink/messages.h"
#include "netlink/network.h"

namespace stasis::netlink {
namespace {

using Describe = std::string (*)(std::span<const std::byte> body);

struct Asked {
  std::uint16_t request = 0;
  std::uint16_t answer = 0;
  std::span<const std::byte> head;
};

// `describe` gives "" for what every namespace has.
Result<void> list(Socket& socket, const Asked& asked, Describe describe,
                  std::vector<std::string>& into) {
  return socket.dump(asked.request, asked.head,
                     [&](std::span<const std::byte> datagram, bool& done) -> Result<void> {
                       STASIS_ASSIGN(const auto messages, split_messages(datagram));
                       for (const Message& message : messages) {
                         if (message.type == NLMSG_DONE) done = true;
                         if (message.type != asked.answer) continue;
                         std::string found = describe(message.body);
                         if (!found.empty()) into.push_back(std::move(found));
                       }
                       return {};
                     });
}

bool is_missing(const Error& error) {
  const int number = error.error_number();
  return number == EOPNOTSUPP || number == EPROTONOSUPPORT || number == EINVAL;
}

// A kernel without the feature refuses the dump, or has no such protocol.
Result<void> list_if_known(int protocol, const Asked& asked, Describe describe,
                           std::vector<std::string>& into) {
  auto socket = Socket::open(protocol);
  if (!socket) return is_missing(socket.error()) ? Result<void>() : std::move(socket.error());
  auto listed = list(*socket, asked, describe, into);
  if (!listed && is_missing(listed.error())) return {};
  return listed;
}

std::string describe_table(std::span<const std::byte> body) {
  const auto attributes = split_attributes(body.subspan(std::min(body.size(), sizeof(nfgenmsg))));
  std::string name = "?";
  if (attributes) {
    for (const Attribute& attribute : *attributes) {
      if (attribute.type == NFTA_TABLE_NAME) name = take_text(attribute.value);
    }
  }
  return fmt::format("an nftables table, '{}'", name);
}

// The kernel's own disciplines have no handle, or are the ingress hook of none.
std::string describe_discipline(std::span<const std::byte> body) {
  const auto head = take_value<tcmsg>(body);
  if (head.tcm_handle == 0) return "";
  return fmt::format("a traffic control discipline of link {}", head.tcm_ifindex);
}

std::string describe_next_hop(std::span<const std::byte>) { return "a next hop object"; }
std::string describe_policy(std::span<const std::byte>) { return "an IPsec policy"; }
std::string describe_state(std::span<const std::byte>) { return "an IPsec security association"; }

}  // namespace

Result<std::vector<std::string>> list_unsaved(Socket& socket) {
  std::vector<std::string> found;
  const tcmsg discipline{};
  STASIS_TRY(list(socket, {RTM_GETQDISC, RTM_NEWQDISC, std::as_bytes(std::span(&discipline, 1))},
                  describe_discipline, found)
                 .context("listing traffic control"));
  const nhmsg next_hop{};
  STASIS_TRY(list_if_known(NETLINK_ROUTE,
                           {RTM_GETNEXTHOP, RTM_NEWNEXTHOP, std::as_bytes(std::span(&next_hop, 1))},
                           describe_next_hop, found)
                 .context("listing next hops"));
  const xfrm_userpolicy_id policy{};
  STASIS_TRY(
      list_if_known(NETLINK_XFRM,
                    {XFRM_MSG_GETPOLICY, XFRM_MSG_NEWPOLICY, std::as_bytes(std::span(&policy, 1))},
                    describe_policy, found)
          .context("listing IPsec policies"));
  const xfrm_usersa_id state{};
  STASIS_TRY(list_if_known(NETLINK_XFRM,
                           {XFRM_MSG_GETSA, XFRM_MSG_NEWSA, std::as_bytes(std::span(&state, 1))},
                           describe_state, found)
                 .context("listing IPsec security associations"));
  constexpr std::uint16_t kSubsystem = NFNL_SUBSYS_NFTABLES << 8;
  const nfgenmsg tables{.nfgen_family = NFPROTO_UNSPEC};
  STASIS_TRY(list_if_known(NETLINK_NETFILTER,
                           {kSubsystem | NFT_MSG_GETTABLE, kSubsystem | NFT_MSG_NEWTABLE,
                            std::as_bytes(std::span(&tables, 1))},
                           describe_table, found)
                 .context("listing nftables"));
  return found;
}

}  // namespace stasis::netlink
