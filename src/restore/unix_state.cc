#include "restore/unix_state.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "restore/assumed_identity.h"
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

void UnixContext::put(std::uint32_t index, UniqueFd fd) {
  const auto file = files.file_of_socket(index);
  // The other end of a connection whose own file is gone: its end closes here.
  if (file) files.files[*file] = std::move(fd);
}

std::optional<model::SocketCredentials> UnixContext::user_of(std::uint32_t index) const {
  const auto file = files.file_of_socket(index);
  for (const auto& process : files.container.processes) {
    const bool has = std::any_of(process.fds.begin(), process.fds.end(),
                                 [&](const auto& entry) { return entry.open_file == file; });
    if (!has || process.threads.empty()) continue;
    const auto& credentials = process.threads.front().credentials;
    return model::SocketCredentials{process.pid, credentials.euid, credentials.egid};
  }
  return std::nullopt;
}

bool UnixContext::listener_named(const model::Bytes& name) const {
  return std::any_of(sockets.begin(), sockets.end(), [&](std::uint32_t index) {
    return detail(index).state == model::UnixState::kListening && detail(index).name == name;
  });
}

Result<UniqueFd> make_unix_socket(int type) {
  return sys::make_socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
}

Errands* UnixContext::find_errands(const std::optional<model::SocketCredentials>& who) const {
  Errands* const errands = files.environment.errands;
  return who && errands != nullptr && errands->has_caller(who->pid) ? errands : nullptr;
}

Result<void> listen_as(const UnixContext& unix, int fd, const model::UnixSocket& listener) {
  const auto& who = listener.peer_credentials;
  if (Errands* const errands = unix.find_errands(who)) {
    const auto add = [&](courier::SyscallBatch& batch, std::span<const int> given) {
      batch.must(SYS_listen, given[0], listener.backlog);
    };
    STASIS_TRY(errands->run({.caller = *who, .fds = {fd}, .add_calls = add}));
    return {};
  }
  STASIS_ASSIGN(const auto identity, AssumedIdentity::assume(who));
  return sys::listen_socket(fd, listener.backlog);
}

Result<void> connect_as(const UnixContext& unix, int fd, const model::UnixSocket& listener,
                        const std::optional<model::SocketCredentials>& client) {
  if (Errands* const errands = unix.find_errands(client)) {
    STASIS_ASSIGN(const auto reach, find_reach(listener));
    const auto add = [&](courier::SyscallBatch& batch, std::span<const int> given) {
      batch.must(SYS_fchdir, given[1]);
      batch.must(SYS_connect, given[0], batch.bytes(std::as_bytes(std::span(reach.address))),
                 reach.address.size());
    };
    auto ran =
        errands->run({.caller = *client, .fds = {fd, reach.directory.get()}, .add_calls = add});
    if (ran) return {};
    return std::move(ran.error()).context(fmt::format("unix socket {}", shown(listener)));
  }
  STASIS_ASSIGN(const auto identity, AssumedIdentity::assume(client));
  return connect_by_name(fd, listener);
}

Result<std::pair<UniqueFd, UniqueFd>> make_pair_as(
    const UnixContext& unix, int type, const std::optional<model::SocketCredentials>& maker) {
  if (Errands* const errands = unix.find_errands(maker)) {
    const auto add = [&](courier::SyscallBatch& batch, std::span<const int>) {
      const int flags = type | SOCK_NONBLOCK | SOCK_CLOEXEC;
      batch.must(SYS_socketpair, AF_UNIX, flags, 0, batch.reserve(2 * sizeof(int)));
    };
    STASIS_ASSIGN(auto ends, errands->run({.caller = *maker, .add_calls = add, .opened = 2}));
    return std::pair{std::move(ends[0]), std::move(ends[1])};
  }
  STASIS_ASSIGN(const auto identity, AssumedIdentity::assume(maker));
  return sys::make_socket_pair(AF_UNIX, type | SOCK_NONBLOCK, 0);
}

Result<void> connect_and_accept(UnixContext& unix, const AcceptedConnection& connection,
                                int listener, const model::UnixSocket& listener_detail) {
  UniqueFd lost;
  if (!connection.client) {
    STASIS_ASSIGN(lost, make_unix_socket(unix.socket(connection.accepted).type));
  }
  const int client = connection.client ? unix.fd(*connection.client) : lost.get();
  const auto& accepted_detail = unix.detail(connection.accepted);
  STASIS_TRY(connect_as(unix, client, listener_detail, accepted_detail.peer_credentials));
  STASIS_ASSIGN(auto accepted, sys::accept_socket(listener));
  if (lost) unix.files.feeders[connection.accepted] = std::move(lost);
  unix.put(connection.accepted, std::move(accepted));
  return {};
}

Result<void> serve_datagrams(UnixContext& unix, std::uint32_t socket) {
  const auto& described = unix.socket(socket);
  const auto& detail = unix.detail(socket);
  if (described.type != SOCK_DGRAM) return {};
  // Only its peer may send to a socket that has one.
  const bool has_peer = detail.peer && unix.detail(*detail.peer).peer == socket;
  if (!described.queue.empty() && !has_peer && !unix.files.feeders.contains(socket)) {
    STASIS_ASSIGN(auto feeder, make_unix_socket(SOCK_DGRAM));
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
