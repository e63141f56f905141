// Netlink sockets: the port and the groups. Replies that were not read yet cannot be given again.
#include <sys/socket.h>

#include <variant>

#include "checkpoint/sockets.h"
#include "sys/netlink_address.h"
#include "sys/socket.h"

namespace stasis::checkpoint {

Result<void> describe_netlink_socket(SocketContext& context, std::uint32_t socket) {
  const auto file = context.file_of_socket[socket];
  const int fd = context.files.files[file].fd.get();
  model::NetlinkSocket detail;
  STASIS_ASSIGN(const auto address, sys::get_socket_name(fd));
  STASIS_ASSIGN(const auto name, sys::decode_netlink_address(address));
  detail.port = name.port;
  detail.groups = name.groups;
  STASIS_ASSIGN(auto peer, sys::get_peer_name(fd));
  if (peer) detail.peer_address = std::move(*peer);
  STASIS_ASSIGN(const auto unread, sys::peek_message(fd, 1));
  if (unread) {
    context.files.block(file, "a netlink socket with messages that were not read yet",
                        "try again in a moment");
  }
  context.model_of(socket).detail = std::move(detail);
  return {};
}

}  // namespace stasis::checkpoint
