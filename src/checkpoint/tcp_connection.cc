#include "checkpoint/tcp_connection.h"

#include <netinet/in.h>

#include "base/rollback.h"
#include "sys/descriptor.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

Result<std::uint32_t> read_number(int fd, int option) {
  STASIS_ASSIGN(const int value, sys::get_socket_int(fd, IPPROTO_TCP, option));
  return static_cast<std::uint32_t>(value);
}

Result<void> choose_queue(int fd, int queue) {
  return sys::set_socket_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, queue);
}

// The first `size` bytes of the chosen queue.
Result<model::Bytes> peek_queue(int fd, std::size_t size) {
  if (size == 0) return model::Bytes();
  STASIS_ASSIGN(auto message, sys::peek_message(fd, size));
  if (!message || message->data.size() != size) {
    return fail(ErrorKind::kKernel, "TCP_REPAIR shows {} of {} bytes of a queue",
                message ? message->data.size() : 0, size);
  }
  return std::move(message->data);
}

struct Sequences {
  std::uint32_t send = 0, receive = 0;
  int unsent = 0, unacknowledged = 0, unread = 0;
  bool operator==(const Sequences&) const = default;
};

Result<Sequences> read_sequences(int fd) {
  Sequences now;
  STASIS_TRY(choose_queue(fd, TCP_SEND_QUEUE));
  STASIS_ASSIGN(now.send, read_number(fd, TCP_QUEUE_SEQ));
  STASIS_TRY(choose_queue(fd, TCP_RECV_QUEUE));
  STASIS_ASSIGN(now.receive, read_number(fd, TCP_QUEUE_SEQ));
  STASIS_ASSIGN(now.unsent, sys::get_unsent_tcp_bytes(fd));
  STASIS_ASSIGN(now.unacknowledged, sys::get_unacknowledged_tcp_bytes(fd));
  STASIS_ASSIGN(now.unread, sys::get_readable_bytes(fd));
  return now;
}

Result<void> read_queues(int fd, const Sequences& sequences, model::TcpConnection& into) {
  into.send_sequence = sequences.send;
  into.receive_sequence = sequences.receive;
  into.send_queue_unsent = static_cast<std::uint32_t>(sequences.unsent);
  STASIS_TRY(choose_queue(fd, TCP_SEND_QUEUE));
  STASIS_ASSIGN(into.send_queue,
                peek_queue(fd, static_cast<std::size_t>(sequences.unacknowledged)));
  STASIS_TRY(choose_queue(fd, TCP_RECV_QUEUE));
  STASIS_ASSIGN(into.receive_queue, peek_queue(fd, static_cast<std::size_t>(sequences.unread)));
  STASIS_ASSIGN(into.window, sys::get_socket_option(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW,
                                                    sizeof(tcp_repair_window)));
  return {};
}

}  // namespace

// Repair mode does not keep packets away: what arrives in the middle is seen in the numbers.
Result<model::TcpConnection> read_tcp_connection(int fd, const tcp_info& info) {
  constexpr int kAttempts = 100;
  model::TcpConnection connection;
  connection.options = info.tcpi_options;
  connection.send_scale = info.tcpi_snd_wscale;
  connection.receive_scale = info.tcpi_rcv_wscale;
  STASIS_ASSIGN(connection.mss_clamp, read_number(fd, TCP_MAXSEG));
  STASIS_ASSIGN(connection.timestamp, read_number(fd, TCP_TIMESTAMP));
  Rollback put_back;
  put_back.push([fd] { static_cast<void>(choose_queue(fd, TCP_NO_QUEUE)); });
  STASIS_ASSIGN(Sequences before, read_sequences(fd));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto read = read_queues(fd, before, connection);
    STASIS_ASSIGN(const Sequences after, read_sequences(fd));
    if (after == before) {
      STASIS_TRY(read);
      return connection;
    }
    before = after;
  }
  return fail(ErrorKind::kTimeout, "a TCP connection does not come to rest");
}

}  // namespace stasis::checkpoint
