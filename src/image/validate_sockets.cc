#include <variant>

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

// Values of sys/socket.h, which are the kernel's on every architecture.
constexpr std::int32_t kDomainUnix = 1;
constexpr std::int32_t kDomainInet = 2;
constexpr std::int32_t kDomainInet6 = 10;
constexpr std::int32_t kDomainNetlink = 16;

constexpr std::size_t kMaxUnixName = 108;  // sun_path
constexpr std::size_t kMaxAddress = 128;   // struct sockaddr_storage
constexpr std::size_t kMaxOption = 65536;

Result<void> check_address(const model::Bytes& address, std::string_view name) {
  if (address.size() <= kMaxAddress) return {};
  return broken("{}: {} bytes, more than {}", name, address.size(), kMaxAddress);
}

// One check for each alternative of Socket::detail.
struct DetailChecker {
  const model::Socket& socket;
  const Bounds& bounds;

  Result<void> operator()(const model::UnixSocket& detail) const {
    if (socket.domain != kDomainUnix) return broken("a unix socket of domain {}", socket.domain);
    if (detail.name.size() > kMaxUnixName) {
      return broken("name: {} bytes, more than {}", detail.name.size(), kMaxUnixName);
    }
    if (!detail.path_directory.empty()) {
      STASIS_TRY(check_absolute(detail.path_directory, "directory"));
    }
    if (detail.peer) STASIS_TRY(check_unix(*detail.peer, "peer: socket"));
    for (const std::uint32_t client : detail.pending_clients) {
      STASIS_TRY(check_unix(client, "pending client: socket"));
    }
    return {};
  }
  Result<void> operator()(const model::InetSocket& detail) const {
    if (socket.domain != kDomainInet && socket.domain != kDomainInet6) {
      return broken("an inet socket of domain {}", socket.domain);
    }
    STASIS_TRY(check_address(detail.local_address, "local address"));
    STASIS_TRY(check_address(detail.peer_address, "peer address"));
    if (!detail.connection) return {};
    const model::TcpConnection& connection = *detail.connection;
    if (connection.send_queue_unsent > connection.send_queue.size()) {
      return broken("{} bytes unsent of {}", connection.send_queue_unsent,
                    connection.send_queue.size());
    }
    return check_address(connection.window, "window");
  }
  Result<void> operator()(const model::NetlinkSocket& detail) const {
    if (socket.domain != kDomainNetlink) {
      return broken("a netlink socket of domain {}", socket.domain);
    }
    return check_address(detail.peer_address, "peer address");
  }

  // Sockets of other families are no peers of unix sockets.
  Result<void> check_unix(std::uint32_t index, std::string_view name) const {
    const auto& sockets = bounds.container.sockets;
    STASIS_TRY(check_index(std::uint64_t{index}, sockets.size(), name));
    if (std::holds_alternative<model::UnixSocket>(sockets[index].detail)) return {};
    return broken("{} {} is no unix socket", name, index);
  }
};

Result<void> check_message(const model::QueuedMessage& message, const Bounds& bounds) {
  STASIS_TRY(check_address(message.source_address, "source address"));
  return check_indexes(message.open_files, bounds.container.open_files.size(), "open file");
}

}  // namespace

Result<void> check_socket(const model::Socket& socket, const Bounds& bounds) {
  for (const model::SocketOption& option : socket.options) {
    if (option.value.size() > kMaxOption) {
      return broken("option {}: {} bytes", option.name, option.value.size());
    }
  }
  if (socket.shut_down > 3) return broken("shut down {}", socket.shut_down);
  STASIS_TRY(check_all(socket.queue, "queued message", bounds, check_message));
  return std::visit(DetailChecker{socket, bounds}, socket.detail);
}

}  // namespace stasis::image
