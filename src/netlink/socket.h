// A netlink socket that asks and waits for the answer: netlink(7). It belongs to the network
// namespace of the thread that opens it and stays there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::netlink {

using TakeDatagram = std::function<Result<void>(std::span<const std::byte> datagram, bool& done)>;

class Socket {
 public:
  // `protocol`: NETLINK_ROUTE ... Asks for reasons (NETLINK_EXT_ACK, Linux 4.12), which then stand
  // in errors. EPROTONOSUPPORT (kKernel): a kernel without that protocol.
  static Result<Socket> open(int protocol);

  // A dump: hands each datagram of the answer to `take`, which sets `done` at the end. `body` is
  // the request without the netlink header.
  Result<void> dump(std::uint16_t type, std::span<const std::byte> body, const TakeDatagram& take);

  // One request; returns when the kernel has carried it out, or its error. `flags`: NLM_F_CREATE
  // ...
  Result<void> request(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> body);

 private:
  explicit Socket(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<void> send(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> body);

  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
};

}  // namespace stasis::netlink
