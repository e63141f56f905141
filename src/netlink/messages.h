// Taking netlink datagrams apart: netlink(7), messages of 4-byte aligned headers and bodies, and
// the attributes in them. Pure; every length is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/result.h"

namespace stasis::netlink {

struct Message {
  std::uint16_t type = 0;
  std::span<const std::byte> body;
};
// NLMSG_ERROR with an errno is an Error; with 0 (an acknowledgement) it is left out.
Result<std::vector<Message>> split_messages(std::span<const std::byte> datagram);

struct Attribute {
  std::uint16_t type = 0;
  std::span<const std::byte> value;
};
Result<std::vector<Attribute>> split_attributes(std::span<const std::byte> bytes);

// The first bytes of `bytes` as a T; what is missing is zero.
template <class T>
T take_value(std::span<const std::byte> bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(sizeof(T), bytes.size()));
  return value;
}

}  // namespace stasis::netlink
