// What TCP_REPAIR (Linux 3.5) tells of an open TCP connection.
#pragma once

#include <netinet/tcp.h>

#include "base/result.h"
#include "model/socket.h"

namespace stasis::checkpoint {

// `fd` is in repair mode (held_connections.h). kTimeout: packets arrive faster than they can be
// looked at.
Result<model::TcpConnection> read_tcp_connection(int fd, const tcp_info& info);

}  // namespace stasis::checkpoint
