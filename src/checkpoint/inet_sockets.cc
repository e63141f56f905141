// TCP and UDP sockets, v4 and v6. Connections: tcp_connection.cc.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/sockets.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

Result<tcp_info> read_tcp_info(int fd) {
  STASIS_ASSIGN(const auto bytes,
                sys::get_socket_option(fd, IPPROTO_TCP, TCP_INFO, sizeof(tcp_info)));
  tcp_info info{};
  std::memcpy(&info, bytes.data(), std::min(bytes.size(), sizeof(info)));
  return info;
}

bool has_port(const model::Bytes& address) {
  if (address.size() < sizeof(sockaddr_in)) return false;
  sockaddr_in v4{};  // the port lies at the same place in sockaddr_in6
  std::memcpy(&v4, address.data(), sizeof(v4));
  return v4.sin_port != 0;
}

void describe_tcp(SocketContext& context, std::uint32_t socket, const tcp_info& info,
                  model::InetSocket& into) {
  switch (info.tcpi_state) {
    case TCP_LISTEN:
      into.tcp_state = model::TcpState::kListening;
      into.backlog = static_cast<std::int32_t>(info.tcpi_sacked);  // sk_max_ack_backlog
      break;
    case TCP_CLOSE:
      into.tcp_state =
          has_port(into.local_address) ? model::TcpState::kBound : model::TcpState::kClosed;
      break;
    default:
      into.tcp_state = model::TcpState::kEstablished;
      context.files.block(context.file_of_socket[socket], "an open TCP connection",
                          "use --tcp-established");
  }
}

}  // namespace

Result<void> describe_inet_socket(SocketContext& context, std::uint32_t socket) {
  const int fd = context.file(socket).fd.get();
  auto& described = context.model_of(socket);
  model::InetSocket detail;
  STASIS_ASSIGN(detail.local_address, sys::get_socket_name(fd));
  STASIS_ASSIGN(auto peer, sys::get_peer_name(fd));
  if (peer) detail.peer_address = std::move(*peer);
  if (described.type == SOCK_STREAM) {
    STASIS_ASSIGN(const auto info, read_tcp_info(fd));
    describe_tcp(context, socket, info, detail);
  } else if (!has_port(detail.local_address)) {
    detail.local_address.clear();
  }
  described.detail = std::move(detail);
  return {};
}

}  // namespace stasis::checkpoint
