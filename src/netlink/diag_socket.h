// A NETLINK_SOCK_DIAG request whose answer is a dump of many messages: netlink(7), sock_diag(7).
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/result.h"

namespace stasis::netlink {

// Asks in the calling thread's network namespace and hands each datagram of the answer to `take`,
// which sets `done` at the end. `request` is the sock_diag request without the netlink header.
using TakeDatagram = std::function<Result<void>(std::span<const std::byte> datagram, bool& done)>;
Result<void> dump_sockets(std::span<const std::byte> request, const TakeDatagram& take);

}  // namespace stasis::netlink
