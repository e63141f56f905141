#include "restore/sockets.h"

#include <sys/socket.h>

#include <variant>

#include <fmt/format.h>

#include "restore/container_thread.h"
#include "restore/fd_kinds.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

struct OpenSocket {
  const model::Socket& socket;

  Result<UniqueFd> operator()(const model::InetSocket& detail) const {
    return open_inet_socket(socket, detail);
  }
  Result<UniqueFd> operator()(const model::NetlinkSocket& detail) const {
    return open_netlink_socket(socket, detail);
  }
  // Together, in open_unix_sockets().
  Result<UniqueFd> operator()(const model::UnixSocket&) const { return UniqueFd(); }
};

Result<void> open_in_container(FileContext& context) {
  for (std::uint32_t socket = 0; socket < context.container.sockets.size(); ++socket) {
    const auto file = context.file_of_socket(socket);
    if (!file) continue;
    const auto& described = context.container.sockets[socket];
    auto opened = std::visit(OpenSocket{described}, described.detail);
    if (!opened) {
      return std::move(opened.error()).context(fmt::format("restoring {}", context.place(*file)));
    }
    context.files[*file] = std::move(*opened);
  }
  return open_unix_sockets(context);
}

}  // namespace

Result<void> set_socket_options(int fd, const model::Socket& socket) {
  for (const auto& option : socket.options) {
    STASIS_TRY(sys::set_socket_option(fd, option.level, option.name, option.value));
  }
  return {};
}

Result<void> shut_down(int fd, const model::Socket& socket) {
  constexpr std::uint32_t kReceiving = 1;
  constexpr std::uint32_t kSending = 2;
  if ((socket.shut_down & kReceiving) != 0) STASIS_TRY(sys::shut_down_socket(fd, SHUT_RD));
  if ((socket.shut_down & kSending) != 0) STASIS_TRY(sys::shut_down_socket(fd, SHUT_WR));
  return {};
}

Result<void> open_sockets(FileContext& context) {
  if (context.container.sockets.empty()) return {};
  return run_in_container(
      context.environment.root_fd, context.network.get(),
      [&] { return open_in_container(context); }, context.desk());
}

Result<void> fill_socket_queues(FileContext& context) {
  if (context.container.sockets.empty()) return {};
  const auto fill = [&]() -> Result<void> {
    fill_udp_sockets(context);
    return fill_unix_sockets(context);
  };
  return run_in_container(context.environment.root_fd, context.network.get(), fill, context.desk());
}

}  // namespace stasis::restore
