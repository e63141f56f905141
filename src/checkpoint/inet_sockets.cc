// TCP and UDP sockets, v4 and v6. What is in a connection: tcp_connection.cc.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/socket_queue.h"
#include "checkpoint/sockets.h"
#include "checkpoint/tcp_connection.h"
#include "sys/inet_address.h"
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

bool has_port(const model::Bytes& address) { return sys::get_port(address) != 0; }

// Names of ss(8).
std::string_view name_of_state(std::uint8_t state) {
  switch (state) {
    case TCP_SYN_SENT:
      return "SYN-SENT";
    case TCP_SYN_RECV:
      return "SYN-RECV";
    case TCP_FIN_WAIT1:
      return "FIN-WAIT-1";
    case TCP_FIN_WAIT2:
      return "FIN-WAIT-2";
    case TCP_CLOSE_WAIT:
      return "CLOSE-WAIT";
    case TCP_LAST_ACK:
      return "LAST-ACK";
    case TCP_CLOSING:
      return "CLOSING";
    default:
      return "in an unknown state";
  }
}

std::string shown(const model::InetSocket& connection) {
  return fmt::format("{} to {}", sys::format_inet_address(connection.local_address),
                     sys::format_inet_address(connection.peer_address));
}

void describe_connection(SocketContext& context, std::uint32_t socket, std::uint8_t state,
                         const model::InetSocket& detail) {
  const auto file = context.file_of_socket[socket];
  if (state != TCP_ESTABLISHED) {
    context.files.block(file,
                        fmt::format("a TCP connection that is being made or closed ({}, {})",
                                    name_of_state(state), shown(detail)),
                        "try again when it is open, or closed by both sides");
  } else if (!context.files.options.tcp_established) {
    context.files.block(file, fmt::format("an open TCP connection ({})", shown(detail)),
                        "use --tcp-established");
  } else {
    context.connections.push_back(socket);
  }
}

void describe_tcp(SocketContext& context, std::uint32_t socket, const tcp_info& info,
                  model::InetSocket& into) {
  switch (info.tcpi_state) {
    case TCP_LISTEN:
      into.tcp_state = model::TcpState::kListening;
      into.backlog = static_cast<std::int32_t>(info.tcpi_sacked);  // sk_max_ack_backlog
      if (info.tcpi_unacked > 0) {                                 // sk_ack_backlog
        context.waiting_ports.push_back(sys::get_port(into.local_address));
      }
      break;
    case TCP_CLOSE:
      into.tcp_state =
          has_port(into.local_address) ? model::TcpState::kBound : model::TcpState::kClosed;
      break;
    default:
      into.tcp_state = model::TcpState::kEstablished;
      describe_connection(context, socket, info.tcpi_state, into);
  }
}

// The other side is nobody's yet: it waits in the backlog of a listener of the container.
bool waits_to_be_accepted(SocketContext& context, const model::InetSocket& connection) {
  const auto& ports = context.waiting_ports;
  if (std::find(ports.begin(), ports.end(), sys::get_port(connection.peer_address)) ==
      ports.end()) {
    return false;
  }
  return std::none_of(context.connections.begin(), context.connections.end(), [&](auto other) {
    const auto& detail = std::get<model::InetSocket>(context.model_of(other).detail);
    return detail.local_address == connection.peer_address &&
           detail.peer_address == connection.local_address;
  });
}

Result<void> describe_held(SocketContext& context, std::uint32_t socket) {
  const int fd = context.file(socket).fd.get();
  auto& detail = std::get<model::InetSocket>(context.model_of(socket).detail);
  if (waits_to_be_accepted(context, detail)) {
    context.files.block(context.file_of_socket[socket],
                        fmt::format("a TCP connection that the server in the container has not "
                                    "accepted yet ({})",
                                    shown(detail)),
                        "try again in a moment");
    return {};
  }
  STASIS_ASSIGN(const auto info, read_tcp_info(fd));
  STASIS_ASSIGN(detail.connection, read_tcp_connection(fd, info));
  return {};
}

}  // namespace

Result<void> describe_inet_socket(SocketContext& context, std::uint32_t socket) {
  const int fd = context.file(socket).fd.get();
  model::InetSocket detail;
  STASIS_ASSIGN(detail.local_address, sys::get_socket_name(fd));
  STASIS_ASSIGN(auto peer, sys::get_peer_name(fd));
  if (peer) detail.peer_address = std::move(*peer);
  if (context.model_of(socket).type == SOCK_STREAM) {
    STASIS_ASSIGN(const auto info, read_tcp_info(fd));
    describe_tcp(context, socket, info, detail);
  } else if (has_port(detail.local_address)) {
    STASIS_ASSIGN(auto queue, collect_socket_queue(context.files, context.file_of_socket[socket],
                                                   QueueKind::kDatagrams));
    context.model_of(socket).queue = std::move(queue);
  } else {
    detail.local_address.clear();
  }
  context.model_of(socket).detail = std::move(detail);
  return {};
}

// All are held before the first is read: what one end has sent, the other has.
Result<void> describe_connections(SocketContext& context) {
  const auto incoming =
      context.files.options.processes_end ? Incoming::kDropped : Incoming::kAccepted;
  for (const auto socket : context.connections) {
    STASIS_TRY(context.files.connections.hold(context.file(socket).fd.get(), incoming));
  }
  for (const auto socket : context.connections) {
    auto described = describe_held(context, socket);
    if (!described) {
      const auto& detail = std::get<model::InetSocket>(context.model_of(socket).detail);
      return std::move(described.error()).context(fmt::format("TCP connection {}", shown(detail)));
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
