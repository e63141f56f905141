// Addresses, routes, rules and neighbours of a network namespace as bodies of rtnetlink(7)
// messages: what a dump says, reduced to what makes the same object when it is sent back. Such a
// body can be stored, and comes from untrusted images: check_body() before anything else. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stasis::netlink {

enum class NetworkObject { kAddress, kRoute, kRule, kNeighbour };

// A struct ifaddrmsg, rtmsg, fib_rule_hdr or ndmsg, and aligned attributes.
using Body = std::vector<std::uint8_t>;

// Nothing for what the kernel makes by itself, or has learnt: routes of protocol kernel, temporary
// addresses, neighbours that are not permanent, families other than IPv4 and IPv6.
Result<std::optional<Body>> take_body(NetworkObject kind, std::span<const std::byte> dumped);

// Only a head of the right size and family, and whole attributes of the kinds that take_body()
// leaves.
Result<void> check_body(NetworkObject kind, std::span<const std::uint8_t> body);

// The numbers of links in it, each once; 0 is none.
Result<std::vector<std::uint32_t>> links_in(NetworkObject kind, std::span<const std::uint8_t> body);
// Replaces them; a number that is not in `numbers` stays.
Result<void> map_links(NetworkObject kind, const std::map<std::uint32_t, std::uint32_t>& numbers,
                       Body& body);

// Of an address: whether it is one of that link; whether it is of use on its link only; and that
// the kernel shall not look for duplicates first, during which an IPv6 address cannot be used.
bool is_address_of(std::span<const std::uint8_t> body, std::uint32_t link);
bool is_of_link_scope(std::span<const std::uint8_t> body);
void skip_duplicate_detection(Body& body);
// Takes the label of an IPv4 address away if it is `label`: the kernel makes it the link's name.
void drop_label(std::string_view label, Body& body);
// Of a rule: whether the kernel made it, as it makes three for each new namespace.
bool is_kernel_rule(std::span<const std::uint8_t> body);
// What makes an address one, as text: itself, its prefix length and its link.
std::string address_key(std::span<const std::uint8_t> body);

// "10.0.0.0/8 via 10.1.0.1 dev eth0 table 7", as ip(8) has it. `links`: their names.
std::string describe(NetworkObject kind, std::span<const std::uint8_t> body,
                     const std::map<std::uint32_t, std::string>& links);

}  // namespace stasis::netlink
