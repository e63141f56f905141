// Sockets: unix, inet, netlink.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "model/data.h"

namespace stasis::model {

struct SocketCredentials {
  NsPid pid;
  std::uint32_t uid = 0, gid = 0;
  bool operator==(const SocketCredentials&) const = default;
};

// One message of a queue: a datagram, a SOCK_SEQPACKET record, or a run of stream bytes that
// carries the same ancillary data.
struct QueuedMessage {
  Bytes data;
  std::vector<std::uint32_t> open_files;         // SCM_RIGHTS: indexes into Container::open_files
  std::optional<SocketCredentials> credentials;  // SCM_CREDENTIALS, where the receiver asked for it
  Bytes source_address;                          // datagrams: sockaddr of the sender, may be empty
  bool operator==(const QueuedMessage&) const = default;
};

// A setsockopt(2) call to repeat.
struct SocketOption {
  std::int32_t level = 0;
  std::int32_t name = 0;
  Bytes value;
  bool operator==(const SocketOption&) const = default;
};

enum class UnixState : std::uint8_t {
  kUnconnected = 1,
  kListening = 2,
  kConnected = 3,
  // The peer lives outside the container: restored as a connection that the peer has closed.
  kPeerOutside = 4,
  kPeerClosed = 5,
};

struct UnixSocket {
  UnixState state = UnixState::kUnconnected;
  Bytes name;                        // sun_path; abstract names start with a NUL; empty: unnamed
  bool name_deleted = false;         // bound to a path that is gone, or is another socket's now
  std::uint32_t path_mode = 0, path_uid = 0, path_gid = 0;  // of the socket's node
  std::string path_directory;        // what a relative name was relative to; "" when absolute
  std::optional<std::uint32_t> peer;  // index into Container::sockets; stream: both ways
  std::int32_t backlog = 0;          // listening
  // Listening: connections not accepted yet. Each is the index of the *client's* socket when that
  // is inside the container.
  std::vector<std::uint32_t> pending_clients;
  std::optional<SocketCredentials> peer_credentials;  // SO_PEERCRED
  bool operator==(const UnixSocket&) const = default;
};

enum class TcpState : std::uint8_t { kClosed = 1, kListening = 2, kEstablished = 3, kCloseWait = 4,
                                     kFinWait = 5, kBound = 6 };

// TCP_REPAIR state of a connection.
struct TcpConnection {
  std::uint32_t send_sequence = 0, receive_sequence = 0;
  Bytes send_queue;
  std::uint32_t send_queue_unsent = 0;   // last bytes of send_queue that were not sent yet
  Bytes receive_queue;
  std::uint32_t mss_clamp = 0;
  std::uint32_t options = 0;             // TCPI_OPT_ bits of tcp_info
  std::uint8_t send_scale = 0, receive_scale = 0;
  std::uint32_t timestamp = 0;           // TCP_TIMESTAMP
  Bytes window;                          // struct tcp_repair_window
  bool operator==(const TcpConnection&) const = default;
};

struct InetSocket {
  TcpState tcp_state = TcpState::kClosed;   // SOCK_STREAM only
  Bytes local_address, peer_address;        // sockaddr_in or sockaddr_in6; empty: none
  std::int32_t backlog = 0;
  std::optional<TcpConnection> connection;  // established, with --tcp-established
  bool operator==(const InetSocket&) const = default;
};

struct NetlinkSocket {
  std::uint32_t port = 0, groups = 0;
  Bytes peer_address;
  bool operator==(const NetlinkSocket&) const = default;
};

struct Socket {
  std::int32_t domain = 0, type = 0, protocol = 0;   // SO_DOMAIN, SO_TYPE, SO_PROTOCOL
  std::vector<SocketOption> options;
  std::uint32_t shut_down = 0;         // bit 0: receiving, bit 1: sending
  std::vector<QueuedMessage> queue;    // received, not read yet (not for TCP connections)
  std::variant<UnixSocket, InetSocket, NetlinkSocket> detail;
  bool operator==(const Socket&) const = default;
};

}  // namespace stasis::model
