// Taking netlink datagrams apart and putting requests together: netlink(7), messages of 4-byte
// aligned headers and bodies, and the attributes in them. Pure; every length is checked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stasis::netlink {

struct Message {
  std::uint16_t type = 0;
  std::span<const std::byte> body;
};
// NLMSG_ERROR with an errno is an Error, with the kernel's reason if it gave one; with 0 (an
// acknowledgement) it is left out.
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
// Up to its NUL.
std::string take_text(std::span<const std::byte> value);

// The body of a request: a fixed head, then attributes. A value is below 64 KiB.
class MessageBuilder {
 public:
  MessageBuilder() = default;
  template <class Head>
  explicit MessageBuilder(const Head& head) {
    add_bytes(std::as_bytes(std::span(&head, 1)));
  }
  MessageBuilder& add(std::uint16_t type, std::span<const std::byte> value);
  template <class T>
  MessageBuilder& add_value(std::uint16_t type, const T& value) {
    return add(type, std::as_bytes(std::span(&value, 1)));
  }
  MessageBuilder& add_text(std::uint16_t type, std::string_view text);
  // As they are, followed by what aligns them.
  MessageBuilder& add_bytes(std::span<const std::byte> bytes);

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace stasis::netlink
