#include "restore/tcp_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "restore/widened_buffer.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

// A larger one would need a run of free pages in the kernel.
constexpr std::size_t kPieceBytes = 16384;

Result<void> set_tcp(int fd, int option, int value) {
  return sys::set_socket_int(fd, IPPROTO_TCP, option, value);
}

Result<void> set_sequence(int fd, int queue, std::uint32_t sequence) {
  STASIS_TRY(set_tcp(fd, TCP_REPAIR_QUEUE, queue));
  return set_tcp(fd, TCP_QUEUE_SEQ, static_cast<int>(sequence));
}

Result<void> set_negotiated_options(int fd, const model::TcpConnection& connection) {
  std::vector<tcp_repair_opt> options;
  if (connection.mss_clamp != 0) options.push_back({TCPOPT_MAXSEG, connection.mss_clamp});
  if ((connection.options & TCPI_OPT_WSCALE) != 0) {
    const auto receive = static_cast<std::uint32_t>(connection.receive_scale) << 16;
    options.push_back({TCPOPT_WINDOW, connection.send_scale | receive});
  }
  if ((connection.options & TCPI_OPT_SACK) != 0) options.push_back({TCPOPT_SACK_PERMITTED, 0});
  if ((connection.options & TCPI_OPT_TIMESTAMPS) != 0) options.push_back({TCPOPT_TIMESTAMP, 0});
  if (!options.empty()) {
    std::vector<std::uint8_t> bytes(options.size() * sizeof(tcp_repair_opt));
    std::memcpy(bytes.data(), options.data(), bytes.size());
    STASIS_TRY(sys::set_socket_option(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, bytes));
  }
  if ((connection.options & TCPI_OPT_TIMESTAMPS) == 0) return {};
  return set_tcp(fd, TCP_TIMESTAMP, static_cast<int>(connection.timestamp));
}

Result<void> send_in_pieces(int fd, std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    const auto piece = data.first(std::min(data.size(), kPieceBytes));
    STASIS_TRY(sys::send_message(fd, {.data = piece}));
    data = data.subspan(piece.size());
  }
  return {};
}

// The part of the send queue that the peer may have got already.
std::span<const std::uint8_t> sent_part(const model::TcpConnection& connection) {
  const std::span<const std::uint8_t> all(connection.send_queue);
  return all.first(all.size() - connection.send_queue_unsent);
}

Result<void> fill_queues(int fd, const model::TcpConnection& connection) {
  STASIS_ASSIGN(const auto receive_room,
                widen_buffer(fd, BufferSide::kReceive, connection.receive_queue.size()));
  STASIS_ASSIGN(const auto send_room,
                widen_buffer(fd, BufferSide::kSend, connection.send_queue.size()));
  STASIS_TRY(set_tcp(fd, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE));
  STASIS_TRY(send_in_pieces(fd, connection.receive_queue).context("filling the receive queue"));
  STASIS_TRY(set_tcp(fd, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE));
  STASIS_TRY(send_in_pieces(fd, sent_part(connection)).context("filling the send queue"));
  return set_tcp(fd, TCP_REPAIR_QUEUE, TCP_NO_QUEUE);
}

}  // namespace

Result<void> repair_tcp_connection(int fd, const model::InetSocket& detail) {
  if (detail.tcp_state != model::TcpState::kEstablished || !detail.connection) {
    return fail(ErrorKind::kUnsupported, "a TCP connection that is being closed");
  }
  const auto& connection = *detail.connection;
  STASIS_TRY(set_tcp(fd, TCP_REPAIR, 1));
  STASIS_TRY(sys::bind_socket(fd, detail.local_address));
  // The queues are filled later, and move the numbers on.
  const auto queued_to_send = static_cast<std::uint32_t>(sent_part(connection).size());
  const auto unsent = connection.send_queue_unsent;
  const auto received = static_cast<std::uint32_t>(connection.receive_queue.size());
  STASIS_TRY(set_sequence(fd, TCP_SEND_QUEUE, connection.send_sequence - unsent - queued_to_send));
  STASIS_TRY(set_sequence(fd, TCP_RECV_QUEUE, connection.receive_sequence - received));
  STASIS_TRY(sys::connect_socket(fd, detail.peer_address));
  STASIS_TRY(set_negotiated_options(fd, connection));
  STASIS_TRY(fill_queues(fd, connection));
  if (connection.window.empty()) return {};
  return sys::set_socket_option(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, connection.window);
}

Result<void> resume_tcp_connection(int fd, const model::Socket& socket,
                                   const model::TcpConnection& connection) {
  STASIS_TRY(set_tcp(fd, TCP_REPAIR, 0));
  // Leaving repair mode forgets it.
  for (const auto& option : socket.options) {
    if (option.level != SOL_SOCKET || option.name != SO_REUSEADDR) continue;
    STASIS_TRY(sys::set_socket_option(fd, option.level, option.name, option.value));
  }
  STASIS_ASSIGN(const auto room, widen_buffer(fd, BufferSide::kSend, connection.send_queue.size()));
  const std::span<const std::uint8_t> all(connection.send_queue);
  return send_in_pieces(fd, all.last(connection.send_queue_unsent));
}

}  // namespace stasis::restore
