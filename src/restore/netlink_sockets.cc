#include <sys/socket.h>

#include <fmt/format.h>

#include "restore/sockets.h"
#include "sys/netlink_address.h"
#include "sys/socket.h"

namespace stasis::restore {

Result<UniqueFd> open_netlink_socket(const model::Socket& socket,
                                     const model::NetlinkSocket& detail) {
  STASIS_ASSIGN(UniqueFd fd, sys::make_socket(socket.domain, socket.type, socket.protocol));
  STASIS_TRY(set_socket_options(fd.get(), socket));
  if (detail.port != 0 || detail.groups != 0) {
    const auto address = sys::encode_netlink_address({detail.port, detail.groups});
    STASIS_TRY(
        sys::bind_socket(fd.get(), address).context(fmt::format("netlink port {}", detail.port)));
  }
  // Every netlink socket has a peer: by default the kernel, port 0.
  const bool kernel = detail.peer_address == sys::encode_netlink_address({});
  if (!detail.peer_address.empty() && !kernel) {
    STASIS_TRY(sys::connect_socket(fd.get(), detail.peer_address));
  }
  return fd;
}

}  // namespace stasis::restore
