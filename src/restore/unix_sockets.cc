// Unix sockets: names, listeners, connections. A connection that was made by connect(2) is made so
// again, through a listener of the same name, because the accepted side has the listener's name;
// one without names is a socketpair(2).
//
// A name that had been deleted is bound and deleted again, before the names that exist are bound:
// both may be the same path.
#include <sys/socket.h>
#include <sys/un.h>

#include <fmt/format.h>

#include "restore/sockets.h"
#include "restore/unix_names.h"
#include "restore/unix_state.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

using model::UnixState;

Result<void> make_alone(UnixContext& unix, std::uint32_t socket) {
  STASIS_ASSIGN(auto fd, make_unix_socket(unix.socket(socket).type));
  unix.put(socket, std::move(fd));
  return {};
}

Result<std::pair<UniqueFd, UniqueFd>> make_ends(const UnixContext& unix, std::uint32_t socket) {
  return make_pair_as(unix, unix.socket(socket).type, unix.detail(socket).peer_credentials);
}

// The other side is dead or outside: it exists until the queue has been filled.
Result<void> make_with_lost_peer(UnixContext& unix, std::uint32_t socket) {
  STASIS_ASSIGN(auto ends, make_ends(unix, socket));
  unix.put(socket, std::move(ends.first));
  unix.files.feeders[socket] = std::move(ends.second);
  return {};
}

Result<void> make_pair(UnixContext& unix, std::uint32_t socket, std::uint32_t peer) {
  STASIS_ASSIGN(auto ends, make_ends(unix, socket));
  unix.put(socket, std::move(ends.first));
  unix.put(peer, std::move(ends.second));
  return {};
}

// Which side of a connection was accepted by a listener, if one was.
std::optional<std::uint32_t> accepted_side(const UnixContext& unix, std::uint32_t socket,
                                           std::optional<std::uint32_t> peer) {
  if (unix.socket(socket).type == SOCK_DGRAM) return std::nullopt;
  const bool named = !unix.detail(socket).name.empty();
  if (!peer) return named ? std::optional(socket) : std::nullopt;
  const bool peer_named = !unix.detail(*peer).name.empty();
  if (named && peer_named) {
    return unix.listener_named(unix.detail(*peer).name) ? *peer : socket;
  }
  if (named) return socket;
  return peer_named ? peer : std::nullopt;
}

Result<void> make_socket(UnixContext& unix, std::uint32_t socket) {
  const auto& detail = unix.detail(socket);
  switch (detail.state) {
    case UnixState::kPeerClosed:
    case UnixState::kPeerOutside:
      if (accepted_side(unix, socket, std::nullopt)) {
        unix.to_accept.push_back({socket, std::nullopt});
        return {};
      }
      return make_with_lost_peer(unix, socket);
    case UnixState::kConnected: {
      const bool mutual = detail.peer && unix.detail(*detail.peer).peer == socket;
      if (!mutual) return make_alone(unix, socket);
      if (*detail.peer < socket) return {};  // made with its peer
      const auto accepted = accepted_side(unix, socket, detail.peer);
      if (!accepted) return make_pair(unix, socket, *detail.peer);
      const auto client = *accepted == socket ? *detail.peer : socket;
      unix.to_accept.push_back({*accepted, client});
      return make_alone(unix, client);
    }
    case UnixState::kUnconnected:
    case UnixState::kListening:
      return make_alone(unix, socket);
  }
  return {};
}

// Names of accepted sockets belong to their listeners.
bool has_own_name(const UnixContext& unix, std::uint32_t socket) {
  if (unix.detail(socket).name.empty()) return false;
  for (const auto& connection : unix.to_accept) {
    if (connection.accepted == socket) return false;
  }
  return true;
}

Result<void> listen_and_accept(UnixContext& unix, std::uint32_t listener) {
  const auto& detail = unix.detail(listener);
  if (detail.state != UnixState::kListening) return {};
  STASIS_TRY(listen_as(unix, unix.fd(listener), detail));
  for (const auto& connection : unix.to_accept) {
    if (unix.fd(connection.accepted) >= 0) continue;
    if (unix.detail(connection.accepted).name != detail.name) continue;
    STASIS_TRY(connect_and_accept(unix, connection, unix.fd(listener), detail));
  }
  for (const auto client : detail.pending_clients) {
    if (unix.fd(client) < 0) continue;  // nobody has it any more
    STASIS_TRY(connect_as(unix, unix.fd(client), detail, unix.user_of(client)));
  }
  return {};
}

// Connections whose listener is gone: one is made for them, and goes.
Result<void> accept_without_listener(UnixContext& unix) {
  for (const auto& connection : unix.to_accept) {
    if (unix.fd(connection.accepted) >= 0) continue;
    const auto& detail = unix.detail(connection.accepted);
    STASIS_ASSIGN(const auto listener, make_unix_socket(unix.socket(connection.accepted).type));
    STASIS_TRY(bind_name(listener.get(), detail));
    STASIS_TRY(sys::listen_socket(listener.get(), 1));
    STASIS_TRY(connect_and_accept(unix, connection, listener.get(), detail));
    if (detail.name_deleted) STASIS_TRY(unlink_name(detail));
  }
  return {};
}

Result<void> bind_deleted_names(UnixContext& unix) {
  for (const auto socket : unix.sockets) {
    const auto& detail = unix.detail(socket);
    if (!has_own_name(unix, socket) || !detail.name_deleted) continue;
    STASIS_TRY(bind_name(unix.fd(socket), detail));
    STASIS_TRY(listen_and_accept(unix, socket));
    STASIS_TRY(serve_datagrams(unix, socket));
    STASIS_TRY(unlink_name(detail));
  }
  return {};
}

Result<void> bind_live_names(UnixContext& unix) {
  for (const auto socket : unix.sockets) {
    const auto& detail = unix.detail(socket);
    if (!has_own_name(unix, socket) || detail.name_deleted) continue;
    STASIS_TRY(bind_name(unix.fd(socket), detail));
  }
  for (const auto socket : unix.sockets) {
    const auto& detail = unix.detail(socket);
    if (detail.name_deleted || detail.name.empty()) continue;
    STASIS_TRY(listen_and_accept(unix, socket));
    STASIS_TRY(serve_datagrams(unix, socket));
  }
  return {};
}

}  // namespace

Result<void> open_unix_sockets(FileContext& context) {
  UnixContext unix(context);
  for (const auto socket : unix.sockets) STASIS_TRY(make_socket(unix, socket));
  // First the connections that no living listener accepted: their name may be free only now.
  STASIS_TRY(bind_deleted_names(unix));
  STASIS_TRY(bind_live_names(unix));
  STASIS_TRY(accept_without_listener(unix));
  return {};
}

}  // namespace stasis::restore
