// A NETLINK_SOCK_DIAG request whose answer is a dump of many messages: sock_diag(7).
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "netlink/socket.h"

namespace stasis::netlink {

// Asks in the calling thread's network namespace. `request` is the sock_diag request without the
// netlink header.
Result<void> dump_sockets(std::span<const std::byte> request, const TakeDatagram& take);

}  // namespace stasis::netlink
