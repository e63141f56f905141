#include "netlink/diag_socket.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>

namespace stasis::netlink {

Result<void> dump_sockets(std::span<const std::byte> request, const TakeDatagram& take) {
  STASIS_ASSIGN(Socket socket, Socket::open(NETLINK_SOCK_DIAG));
  return socket.dump(SOCK_DIAG_BY_FAMILY, request, take);
}

}  // namespace stasis::netlink
