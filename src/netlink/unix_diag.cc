#include "netlink/unix_diag.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

#include <cstring>

#include "netlink/diag_socket.h"
#include "netlink/messages.h"

namespace stasis::netlink {
namespace {

void take_attribute(const Attribute& attribute, UnixDiag& into) {
  const auto value = attribute.value;
  switch (attribute.type) {
    case UNIX_DIAG_NAME: {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
      into.name.assign(bytes, bytes + value.size());
      break;
    }
    case UNIX_DIAG_PEER:
      into.peer_inode = take_value<std::uint32_t>(value);
      break;
    case UNIX_DIAG_VFS: {
      const auto node = take_value<unix_diag_vfs>(value);
      into.node_inode = node.udiag_vfs_ino;
      into.node_device = node.udiag_vfs_dev;
      break;
    }
    case UNIX_DIAG_ICONS:
      for (std::size_t at = 0; at + sizeof(std::uint32_t) <= value.size();
           at += sizeof(std::uint32_t)) {
        into.pending.push_back(take_value<std::uint32_t>(value.subspan(at)));
      }
      break;
    case UNIX_DIAG_RQLEN: {
      const auto lengths = take_value<unix_diag_rqlen>(value);
      into.receive_queue = lengths.udiag_rqueue;
      into.send_queue = lengths.udiag_wqueue;
      break;
    }
    case UNIX_DIAG_SHUTDOWN:
      into.shut_down = take_value<std::uint8_t>(value);
      break;
    default:
      break;
  }
}

}  // namespace

Result<void> parse_unix_diag(std::span<const std::byte> datagram, std::vector<UnixDiag>& into,
                             bool& done) {
  STASIS_ASSIGN(const auto messages, split_messages(datagram));
  for (const auto& message : messages) {
    if (message.type == NLMSG_DONE) done = true;
    if (message.type != SOCK_DIAG_BY_FAMILY) continue;
    if (message.body.size() < sizeof(unix_diag_msg)) {
      return fail(ErrorKind::kKernel, "sock_diag: a unix socket message of {} bytes",
                  message.body.size());
    }
    const auto head = take_value<unix_diag_msg>(message.body);
    UnixDiag socket;
    socket.inode = head.udiag_ino;
    socket.type = head.udiag_type;
    socket.state = head.udiag_state;
    STASIS_ASSIGN(const auto attributes,
                  split_attributes(message.body.subspan(sizeof(unix_diag_msg))));
    for (const auto& attribute : attributes) take_attribute(attribute, socket);
    into.push_back(std::move(socket));
  }
  return {};
}

Result<std::vector<UnixDiag>> read_unix_diag() {
  unix_diag_req request{};
  request.sdiag_family = AF_UNIX;
  request.udiag_states = 0xffffffff;
  request.udiag_show =
      UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN;
  std::vector<UnixDiag> sockets;
  STASIS_TRY(
      dump_sockets(std::as_bytes(std::span(&request, 1)), [&](std::span<const std::byte> datagram,
                                                              bool& done) {
        return parse_unix_diag(datagram, sockets, done);
      }).context("listing unix sockets by sock_diag"));
  return sockets;
}

}  // namespace stasis::netlink
