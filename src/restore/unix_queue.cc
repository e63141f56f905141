// Fills the queues of unix sockets: the right end sends again what had not been read.
#include <sys/socket.h>
#include <unistd.h>

#include <variant>

#include <fmt/format.h>

#include "restore/sockets.h"
#include "restore/unix_names.h"
#include "restore/unix_state.h"
#include "restore/widened_buffer.h"
#include "sys/socket.h"

namespace stasis::restore {
namespace {

std::size_t queue_bytes(const model::Socket& socket) {
  std::size_t bytes = 0;
  for (const auto& message : socket.queue) bytes += message.data.size();
  return bytes;
}

std::optional<std::uint32_t> find_source(const UnixContext& unix, const model::Bytes& address) {
  constexpr std::size_t kFamilyBytes = sizeof(sa_family_t);
  if (address.size() <= kFamilyBytes) return std::nullopt;
  for (const auto socket : unix.sockets) {
    const auto& detail = unix.detail(socket);
    if (unix.socket(socket).type != SOCK_DGRAM || detail.name.empty()) continue;
    if (address_of(detail) == address) return socket;
  }
  return std::nullopt;
}

struct Sender {
  int fd = -1;
  model::Bytes to;  // empty: it is connected
};

// Who sends the message to `socket` again.
Result<Sender> find_sender(const UnixContext& unix, std::uint32_t socket,
                           const model::QueuedMessage& message) {
  const auto& detail = unix.detail(socket);
  if (unix.socket(socket).type == SOCK_DGRAM) {
    const auto source = find_source(unix, message.source_address);
    if (source && unix.detail(*source).peer == detail.peer && detail.peer == source) {
      return Sender{unix.fd(*source), {}};
    }
    // A sender that is gone, or whose receiver's name is gone, is replaced by one without a name.
    if (source && !detail.name.empty() && !detail.name_deleted && detail.path_directory.empty()) {
      return Sender{unix.fd(*source), address_of(detail)};
    }
  }
  const auto feeder = unix.files.feeders.find(socket);
  if (feeder != unix.files.feeders.end()) return Sender{feeder->second.get(), {}};
  if (detail.peer && unix.fd(*detail.peer) >= 0) return Sender{unix.fd(*detail.peer), {}};
  return fail(ErrorKind::kUnsupported,
              "nobody can send to this datagram socket: it has neither a name nor a peer");
}

// The kernel takes only pids that exist. One that does not, or lives outside, reads 0 inside the
// container, as the controller's own does.
pid_t find_pid(const UnixContext& unix, const model::SocketCredentials& sender) {
  const Errands* const errands = unix.files.environment.errands;
  const auto host = errands == nullptr ? std::nullopt : errands->find_host_pid(sender.pid);
  return host ? host->value : ::getpid();
}

Result<void> send_again(const UnixContext& unix, std::uint32_t socket,
                        const model::QueuedMessage& message) {
  STASIS_ASSIGN(const auto sender, find_sender(unix, socket, message));
  STASIS_ASSIGN(const auto widened,
                widen_buffer(sender.fd, BufferSide::kSend, queue_bytes(unix.socket(socket))));
  std::vector<int> fds;
  for (const auto file : message.open_files) fds.push_back(unix.files.files[file].get());
  sys::OutgoingMessage out{.data = message.data, .fds = fds, .to = sender.to};
  if (message.credentials) {
    out.credentials = ucred{find_pid(unix, *message.credentials), message.credentials->uid,
                            message.credentials->gid};
  }
  return sys::send_message(sender.fd, out);
}

Result<void> connect_one_way(const UnixContext& unix, std::uint32_t socket) {
  const auto& detail = unix.detail(socket);
  if (unix.socket(socket).type != SOCK_DGRAM || !detail.peer) return {};
  const auto& peer = unix.detail(*detail.peer);
  if (peer.peer == socket || peer.name_deleted) return {};  // by socketpair, or done already
  return connect_by_name(unix.fd(socket), peer);
}

Result<void> finish_socket(const UnixContext& unix, std::uint32_t socket) {
  STASIS_TRY(connect_one_way(unix, socket));
  // Late: with SO_PASSCRED, connecting would give a socket without a name a name of its own.
  STASIS_TRY(set_socket_options(unix.fd(socket), unix.socket(socket)));
  const auto state = unix.detail(socket).state;
  const bool peer_closes =
      state == model::UnixState::kPeerClosed || state == model::UnixState::kPeerOutside;
  if (peer_closes) return {};  // when its feeder closes
  return shut_down(unix.fd(socket), unix.socket(socket));
}

}  // namespace

Result<void> fill_unix_sockets(FileContext& context) {
  const UnixContext unix(context);
  const auto explain = [&](Error error, std::string_view what, std::uint32_t socket) {
    const auto place = context.place(*context.file_of_socket(socket));
    return std::move(error).context(fmt::format("restoring {}{}", what, place));
  };
  for (const auto socket : unix.sockets) {
    for (const auto& message : unix.socket(socket).queue) {
      auto sent = send_again(unix, socket, message);
      if (!sent) return explain(std::move(sent.error()), "the queue of ", socket);
    }
  }
  for (const auto socket : unix.sockets) {
    auto finished = finish_socket(unix, socket);
    if (!finished) return explain(std::move(finished.error()), "", socket);
  }
  context.feeders.clear();
  return {};
}

}  // namespace stasis::restore
