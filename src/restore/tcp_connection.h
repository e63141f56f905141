// Open TCP connections: TCP_REPAIR (Linux 3.5) sets what a handshake and the traffic since have
// negotiated, without sending anything. CAP_NET_ADMIN in the network namespace.
#pragma once

#include "base/result.h"
#include "model/socket.h"

namespace stasis::restore {

// Makes `fd`, a fresh socket, the connection of `detail`. It stays in repair mode: it sends
// nothing, and closing it does not tell the peer, so that a restore which fails can be tried again.
Result<void> repair_tcp_connection(int fd, const model::InetSocket& detail);

// Leaves repair mode. Data that had not been sent yet is sent now.
Result<void> resume_tcp_connection(int fd, const model::Socket& socket,
                                   const model::TcpConnection& connection);

}  // namespace stasis::restore
