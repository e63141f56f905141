#include "checkpoint/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

// Newer than the C library's headers: asm-generic/socket.h.
constexpr int kSoPassPidfd = 76;   // Linux 6.5
constexpr int kSoPassRights = 83;  // Linux 6.16
constexpr int kSoBufLock = 72;     // Linux 5.14
constexpr int kSndBufLock = 1;     // SOCK_SNDBUF_LOCK
constexpr int kRcvBufLock = 2;     // SOCK_RCVBUF_LOCK
constexpr int kSolNetlink = 270;

struct Known {
  int level;
  int name;
  std::size_t room;
};
constexpr std::size_t kInt = sizeof(int);
// An option that a kind of socket does not have is not there to read.
constexpr std::array kKnown = {
    Known{SOL_SOCKET, SO_REUSEADDR, kInt},
    Known{SOL_SOCKET, SO_REUSEPORT, kInt},
    Known{SOL_SOCKET, SO_KEEPALIVE, kInt},
    Known{SOL_SOCKET, SO_BROADCAST, kInt},
    Known{SOL_SOCKET, SO_OOBINLINE, kInt},
    Known{SOL_SOCKET, SO_DONTROUTE, kInt},
    Known{SOL_SOCKET, SO_LINGER, sizeof(linger)},
    Known{SOL_SOCKET, SO_PASSCRED, kInt},
    Known{SOL_SOCKET, SO_PASSSEC, kInt},
    Known{SOL_SOCKET, kSoPassPidfd, kInt},
    Known{SOL_SOCKET, kSoPassRights, kInt},
    Known{SOL_SOCKET, SO_PRIORITY, kInt},
    Known{SOL_SOCKET, SO_MARK, kInt},
    Known{SOL_SOCKET, SO_RCVLOWAT, kInt},
    Known{SOL_SOCKET, SO_RCVTIMEO, sizeof(timeval)},
    Known{SOL_SOCKET, SO_SNDTIMEO, sizeof(timeval)},
    Known{SOL_SOCKET, SO_TIMESTAMP, kInt},
    Known{SOL_SOCKET, SO_TIMESTAMPNS, kInt},
    Known{SOL_SOCKET, SO_TIMESTAMPING, kInt},
    Known{SOL_SOCKET, SO_NO_CHECK, kInt},
    Known{SOL_SOCKET, SO_RXQ_OVFL, kInt},
    Known{SOL_SOCKET, SO_BINDTODEVICE, 16},
    Known{SOL_SOCKET, SO_BUSY_POLL, kInt},
    Known{SOL_SOCKET, SO_PEEK_OFF, kInt},
    Known{SOL_SOCKET, SO_ZEROCOPY, kInt},
    Known{IPPROTO_IPV6, IPV6_V6ONLY, kInt},
    Known{IPPROTO_IPV6, IPV6_UNICAST_HOPS, kInt},
    Known{IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kInt},
    Known{IPPROTO_IPV6, IPV6_MULTICAST_LOOP, kInt},
    Known{IPPROTO_IPV6, IPV6_MTU_DISCOVER, kInt},
    Known{IPPROTO_IPV6, IPV6_RECVERR, kInt},
    Known{IPPROTO_IPV6, IPV6_RECVPKTINFO, kInt},
    Known{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, kInt},
    Known{IPPROTO_IPV6, IPV6_RECVTCLASS, kInt},
    Known{IPPROTO_IPV6, IPV6_TCLASS, kInt},
    Known{IPPROTO_IPV6, IPV6_TRANSPARENT, kInt},
    Known{IPPROTO_IP, IP_TOS, kInt},
    Known{IPPROTO_IP, IP_TTL, kInt},
    Known{IPPROTO_IP, IP_PKTINFO, kInt},
    Known{IPPROTO_IP, IP_RECVTTL, kInt},
    Known{IPPROTO_IP, IP_RECVTOS, kInt},
    Known{IPPROTO_IP, IP_RECVERR, kInt},
    Known{IPPROTO_IP, IP_MTU_DISCOVER, kInt},
    Known{IPPROTO_IP, IP_FREEBIND, kInt},
    Known{IPPROTO_IP, IP_TRANSPARENT, kInt},
    Known{IPPROTO_IP, IP_MINTTL, kInt},
    Known{IPPROTO_IP, IP_MULTICAST_TTL, kInt},
    Known{IPPROTO_IP, IP_MULTICAST_LOOP, kInt},
    Known{IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, kInt},
    Known{IPPROTO_TCP, TCP_NODELAY, kInt},
    Known{IPPROTO_TCP, TCP_CORK, kInt},
    Known{IPPROTO_TCP, TCP_KEEPIDLE, kInt},
    Known{IPPROTO_TCP, TCP_KEEPINTVL, kInt},
    Known{IPPROTO_TCP, TCP_KEEPCNT, kInt},
    Known{IPPROTO_TCP, TCP_SYNCNT, kInt},
    Known{IPPROTO_TCP, TCP_LINGER2, kInt},
    Known{IPPROTO_TCP, TCP_DEFER_ACCEPT, kInt},
    Known{IPPROTO_TCP, TCP_USER_TIMEOUT, kInt},
    Known{IPPROTO_TCP, TCP_CONGESTION, 16},
    Known{IPPROTO_TCP, TCP_FASTOPEN, kInt},
    Known{IPPROTO_TCP, TCP_NOTSENT_LOWAT, kInt},
    Known{IPPROTO_UDP, UDP_CORK, kInt},
    Known{kSolNetlink, 3, kInt},   // NETLINK_PKTINFO
    Known{kSolNetlink, 4, kInt},   // NETLINK_BROADCAST_ERROR
    Known{kSolNetlink, 5, kInt},   // NETLINK_NO_ENOBUFS
    Known{kSolNetlink, 10, kInt},  // NETLINK_CAP_ACK
    Known{kSolNetlink, 11, kInt},  // NETLINK_EXT_ACK
    Known{kSolNetlink, 12, kInt},  // NETLINK_GET_STRICT_CHK
};

// Streams have no multicast; the kernel keeps something else there for accepted ones.
bool is_multicast(const Known& known) {
  return (known.level == IPPROTO_IP &&
          (known.name == IP_MULTICAST_TTL || known.name == IP_MULTICAST_LOOP)) ||
         (known.level == IPPROTO_IPV6 &&
          (known.name == IPV6_MULTICAST_HOPS || known.name == IPV6_MULTICAST_LOOP));
}

// TCP options answer on TCP sockets only, but IPPROTO_IP ones on unix sockets fail in other ways.
bool applies(int level, const model::Socket& kind) {
  switch (level) {
    case SOL_SOCKET:
      return true;
    case IPPROTO_IP:
      return kind.domain == AF_INET || kind.domain == AF_INET6;
    case IPPROTO_IPV6:
      return kind.domain == AF_INET6;
    case IPPROTO_TCP:
    case IPPROTO_UDP:
      return kind.domain != AF_UNIX && kind.protocol == level;
    default:
      return kind.domain == AF_NETLINK;
  }
}

model::Bytes as_bytes(int value) {
  model::Bytes bytes(sizeof(value));
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

// Buffer sizes that the program chose. The kernel tells twice what was set, and SO_BUF_LOCK whether
// it was.
void read_buffer_sizes(int fd, std::vector<model::SocketOption>& into) {
  const auto locks = sys::get_socket_int(fd, SOL_SOCKET, kSoBufLock);
  if (!locks) return;
  const auto add = [&](int lock, int name, int force_name) {
    const auto value = sys::get_socket_int(fd, SOL_SOCKET, name);
    if ((*locks & lock) != 0 && value) {
      into.push_back({SOL_SOCKET, force_name, as_bytes(*value / 2)});
    }
  };
  add(kSndBufLock, SO_SNDBUF, SO_SNDBUFFORCE);
  add(kRcvBufLock, SO_RCVBUF, SO_RCVBUFFORCE);
}

std::vector<model::SocketOption> read_known(int fd, const model::Socket& kind) {
  std::vector<model::SocketOption> options;
  for (const auto& known : kKnown) {
    if (!applies(known.level, kind)) continue;
    if (is_multicast(known) && kind.type == SOCK_STREAM) continue;
    auto value = sys::get_socket_option(fd, known.level, known.name, known.room);
    if (value) options.push_back({known.level, known.name, std::move(*value)});
  }
  return options;
}

}  // namespace

Result<std::vector<model::SocketOption>> SocketOptionReader::read(int fd,
                                                                  const model::Socket& kind) {
  const auto [found, is_new] = defaults_.try_emplace({kind.domain, kind.type, kind.protocol});
  if (is_new) {
    STASIS_ASSIGN(const auto fresh, sys::make_socket(kind.domain, kind.type, kind.protocol));
    found->second = read_known(fresh.get(), kind);
  }
  auto options = read_known(fd, kind);
  const auto& defaults = found->second;
  std::erase_if(options, [&](const model::SocketOption& option) {
    return std::find(defaults.begin(), defaults.end(), option) != defaults.end();
  });
  read_buffer_sizes(fd, options);
  return options;
}

}  // namespace stasis::checkpoint
