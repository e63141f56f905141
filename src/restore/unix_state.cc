#include "restore/unix_state.h"

#include <sys/socket.h>

#include <algorithm>
#include <variant>

#include "restore/sockets.h"
#include "restore/unix_names.h"
#include "sys/socket.h"

namespace stasis::restore {

UnixContext::UnixContext(FileContext& context) : files(context) {
  for (std::uint32_t index = 0; index < files.container.sockets.size(); ++index) {
    const bool is_unix = std::holds_alternative<model::UnixSocket>(socket(index).detail);
    if (is_unix && files.file_of_socket(index)) sockets.push_back(index);
  }
}

int UnixContext::fd(std::uint32_t index) const {
  const auto file = files.file_of_socket(index);
  return file ? files.files[*file].get() : -1;
}

Result<void> UnixContext::put(std::uint32_t index, UniqueFd fd) {
  const auto file = files.file_of_socket(index);
  // The other end of a connection whose own file is gone: its end closes here.
  if (!file) return {};
  STASIS_TRY(set_socket_options(fd.get(), socket(index)).context(files.place(*file)));
  files.files[*file] = std::move(fd);
  return {};
}

bool UnixContext::listener_named(const model::Bytes& name) const {
  return std::any_of(sockets.begin(), sockets.end(), [&](std::uint32_t index) {
    return detail(index).state == model::UnixState::kListening && detail(index).name == name;
  });
}

Result<void> connect_and_accept(UnixContext& unix, const AcceptedConnection& connection,
                                int listener, const model::UnixSocket& listener_detail) {
  UniqueFd lost;
  if (!connection.client) {
    STASIS_ASSIGN(lost, sys::make_socket(AF_UNIX, unix.socket(connection.accepted).type, 0));
  }
  const int client = connection.client ? unix.fd(*connection.client) : lost.get();
  STASIS_TRY(connect_by_name(client, listener_detail));
  STASIS_ASSIGN(auto accepted, sys::accept_socket(listener));
  if (lost) unix.files.feeders[connection.accepted] = std::move(lost);
  return unix.put(connection.accepted, std::move(accepted));
}

Result<void> serve_datagrams(UnixContext& unix, std::uint32_t socket) {
  const auto& described = unix.socket(socket);
  const auto& detail = unix.detail(socket);
  if (described.type != SOCK_DGRAM) return {};
  // Only its peer may send to a socket that has one.
  const bool has_peer = detail.peer && unix.detail(*detail.peer).peer == socket;
  if (!described.queue.empty() && !has_peer && !unix.files.feeders.contains(socket)) {
    STASIS_ASSIGN(auto feeder, sys::make_socket(AF_UNIX, SOCK_DGRAM, 0));
    STASIS_TRY(connect_by_name(feeder.get(), detail));
    unix.files.feeders[socket] = std::move(feeder);
  }
  if (!detail.name_deleted) return {};
  for (const auto other : unix.sockets) {
    const bool one_way = unix.detail(other).peer == socket && detail.peer != other;
    if (one_way) STASIS_TRY(connect_by_name(unix.fd(other), detail));
  }
  return {};
}

}  // namespace stasis::restore
