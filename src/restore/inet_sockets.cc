#include <sys/socket.h>

#include <cerrno>

#include <fmt/format.h>

#include "restore/sockets.h"
#include "restore/tcp_connection.h"
#include "sys/inet_address.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

// Connections of the container that the checkpoint ended may hold the port for a minute
// (TIME_WAIT); with SO_REUSEADDR they do not.
Result<void> bind_tcp(int fd, const model::Bytes& address) {
  STASIS_ASSIGN(const int before, sys::get_socket_int(fd, SOL_SOCKET, SO_REUSEADDR));
  STASIS_TRY(sys::set_socket_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
  auto bound = sys::bind_socket(fd, address);
  if (!bound && bound.error().error_number() == EADDRNOTAVAIL) {
    return std::move(bound.error())
        .context(
            "the container's network does not have this address; give it the address, or "
            "checkpoint the program while it listens on a wildcard address");
  }
  STASIS_TRY(std::move(bound));
  return sys::set_socket_int(fd, SOL_SOCKET, SO_REUSEADDR, before);
}

bool is_connection(const model::InetSocket& detail) {
  return detail.tcp_state != model::TcpState::kBound &&
         detail.tcp_state != model::TcpState::kListening;
}

Result<void> bind_and_listen(int fd, const model::InetSocket& detail) {
  if (detail.tcp_state == model::TcpState::kClosed) return {};
  if (is_connection(detail)) return repair_tcp_connection(fd, detail);
  STASIS_TRY(bind_tcp(fd, detail.local_address));
  if (detail.tcp_state != model::TcpState::kListening) return {};
  return sys::listen_socket(fd, detail.backlog);
}

Result<void> bind_and_connect(int fd, const model::InetSocket& detail) {
  if (!detail.local_address.empty()) STASIS_TRY(sys::bind_socket(fd, detail.local_address));
  if (detail.peer_address.empty()) return {};
  return sys::connect_socket(fd, detail.peer_address)
      .context(sys::format_inet_address(detail.peer_address));
}

}  // namespace

Result<UniqueFd> open_inet_socket(const model::Socket& socket, const model::InetSocket& detail) {
  STASIS_ASSIGN(UniqueFd fd, sys::make_socket(socket.domain, socket.type, socket.protocol));
  STASIS_TRY(set_socket_options(fd.get(), socket));
  auto placed = socket.type == SOCK_STREAM ? bind_and_listen(fd.get(), detail)
                                           : bind_and_connect(fd.get(), detail);
  if (!placed) {
    return std::move(placed.error())
        .context(fmt::format("{} socket {}", socket.type == SOCK_STREAM ? "TCP" : "UDP",
                             sys::format_inet_address(detail.local_address)));
  }
  STASIS_TRY(shut_down(fd.get(), socket));
  return fd;
}

}  // namespace stasis::restore
