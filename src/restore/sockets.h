// Sockets of all families: sockets.cc drives, families are in unix_sockets.cc and inet_sockets.cc.
// Everything here runs in a thread that is in the container (container_thread.h).
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/socket.h"
#include "restore/file_context.h"

namespace stasis::restore {

Result<void> set_socket_options(int fd, const model::Socket& socket);
// The `shut_down` bits of the model, if any.
Result<void> shut_down(int fd, const model::Socket& socket);

Result<UniqueFd> open_inet_socket(const model::Socket& socket, const model::InetSocket& detail);
Result<UniqueFd> open_netlink_socket(const model::Socket& socket,
                                     const model::NetlinkSocket& detail);

// Datagrams that had not been read. One that cannot be sent again is lost, as in any network.
void fill_udp_sockets(FileContext& context);

// All unix sockets: names, listeners, connections.
Result<void> open_unix_sockets(FileContext& context);
// Their queues, then what must come after them: datagram connections, shutdowns.
Result<void> fill_unix_sockets(FileContext& context);

}  // namespace stasis::restore
