// Sockets as values: socket(7), unix(7), ip(7). Addresses are the bytes of a sockaddr, as long as
// the kernel says. EINTR is retried; every descriptor is close-on-exec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sys/socket.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

using SocketBytes = std::vector<std::uint8_t>;

Result<UniqueFd> make_socket(int domain, int type, int protocol);
Result<std::pair<UniqueFd, UniqueFd>> make_socket_pair(int domain, int type, int protocol);

Result<void> bind_socket(int fd, std::span<const std::uint8_t> address);
Result<void> connect_socket(int fd, std::span<const std::uint8_t> address);
Result<void> listen_socket(int fd, int backlog);
Result<UniqueFd> accept_socket(int fd);
// `how`: SHUT_RD, SHUT_WR or SHUT_RDWR.
Result<void> shut_down_socket(int fd, int how);

// getsockname(2): for an unnamed unix socket the two bytes of the family.
Result<SocketBytes> get_socket_name(int fd);
// getpeername(2); nothing when not connected (ENOTCONN).
Result<std::optional<SocketBytes>> get_peer_name(int fd);

// getsockopt(2) with room for `room` bytes; the value is as long as the kernel says. ENOPROTOOPT
// (kUnsupported): no such option for this socket.
Result<SocketBytes> get_socket_option(int fd, int level, int name, std::size_t room);
Result<void> set_socket_option(int fd, int level, int name, std::span<const std::uint8_t> value);
Result<int> get_socket_int(int fd, int level, int name);
Result<void> set_socket_int(int fd, int level, int name, int value);

// What recvmsg(2) gave.
struct SocketMessage {
  SocketBytes data;
  std::vector<UniqueFd> fds;         // SCM_RIGHTS
  std::optional<ucred> credentials;  // SCM_CREDENTIALS
  SocketBytes source;                // of datagrams; empty: none
  bool truncated = false;            // the message is longer than the room
};
// One recvmsg(2) with MSG_PEEK and MSG_DONTWAIT and room for `room` bytes; nothing when the queue
// has no more (EAGAIN, or end of file on a stream). The descriptors are duplicates: those in the
// queue stay there. With SO_PEEK_OFF set on the socket, the offset moves on.
Result<std::optional<SocketMessage>> peek_message(int fd, std::size_t room);

// One sendmsg(2), without SIGPIPE; `to` may be empty. A short write is an error (EMSGSIZE).
struct OutgoingMessage {
  std::span<const std::uint8_t> data;
  std::span<const int> fds;
  std::optional<ucred> credentials;
  std::span<const std::uint8_t> to;
};
Result<void> send_message(int fd, const OutgoingMessage& message);

// SO_GET_FILTER, Linux 3.8: whether a classic or an eBPF program filters what arrives.
Result<bool> has_socket_filter(int fd);

// SO_ATTACH_FILTER: a socket without a filter gets one that drops whatever arrives, unacknowledged.
Result<void> drop_incoming(int fd);
// SO_DETACH_FILTER.
Result<void> accept_incoming(int fd);

// SIOCGSKNS, Linux 4.9: the network namespace of a socket. CAP_NET_ADMIN there.
Result<UniqueFd> get_socket_namespace(int fd);

}  // namespace stasis::sys
