#include "checkpoint/sockets.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "ns/entered_namespace.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

struct Network {
  UniqueFd ns;
  ino_t inode = 0;
  bool is_container = false;
};

Result<Network> read_network(const FileContext& context, int socket) {
  Network network;
  STASIS_ASSIGN(network.ns, sys::get_socket_namespace(socket));
  STASIS_ASSIGN(const auto its, sys::stat_fd(network.ns.get()));
  STASIS_ASSIGN(const auto ours, sys::stat_fd(context.network.get()));
  network.inode = its.st_ino;
  network.is_container = its.st_ino == ours.st_ino;
  return network;
}

Result<void> list_unix_sockets(SocketContext& context, const Network& network) {
  if (!context.listed_networks.insert(network.inode).second) return {};
  STASIS_ASSIGN(const auto entered, ns::EnteredNamespace::enter(network.ns.get(), CLONE_NEWNET));
  STASIS_ASSIGN(auto sockets, netlink::read_unix_diag());
  for (auto& socket : sockets) {
    if (socket.inode == 0) continue;
    for (const auto client : socket.pending) context.pending[client] = socket.inode;
    context.unix_sockets[socket.inode] = std::move(socket);
  }
  return {};
}

using Describe = Result<void> (*)(SocketContext&, std::uint32_t);
Describe find_family(const model::Socket& kind) {
  const bool stream_or_datagram = kind.type == SOCK_STREAM || kind.type == SOCK_DGRAM;
  switch (kind.domain) {
    case AF_UNIX:
      return describe_unix_socket;
    case AF_INET:
    case AF_INET6:
      if (!stream_or_datagram) return nullptr;
      return kind.protocol == IPPROTO_TCP || kind.protocol == IPPROTO_UDP ? describe_inet_socket
                                                                          : nullptr;
    case AF_NETLINK:
      return describe_netlink_socket;
    default:
      return nullptr;
  }
}

std::string describe_unsupported(const model::Socket& kind) {
  switch (kind.domain) {
    case AF_PACKET:
      return "a packet socket";
    case AF_VSOCK:
      return "a vsock socket";
    case AF_INET:
    case AF_INET6:
      return fmt::format("an internet socket of type {} and protocol {}", kind.type, kind.protocol);
    default:
      return fmt::format("a socket of family {}, type {} and protocol {}", kind.domain, kind.type,
                         kind.protocol);
  }
}

Result<void> describe_socket(SocketContext& context, std::uint32_t file) {
  const int fd = context.files.files[file].fd.get();
  model::Socket described;
  STASIS_ASSIGN(described.domain, sys::get_socket_int(fd, SOL_SOCKET, SO_DOMAIN));
  STASIS_ASSIGN(const auto network, read_network(context.files, fd));
  // A unix socket that was accepted belongs to its client's network namespace, wherever that is.
  if (described.domain == AF_UNIX) {
    STASIS_TRY(list_unix_sockets(context, network));
  } else if (!network.is_container) {
    context.files.mark_outside(file,
                               fmt::format("a socket of another network namespace, socket:[{}]",
                                           context.files.files[file].status.st_ino));
    return {};
  }
  STASIS_ASSIGN(described.type, sys::get_socket_int(fd, SOL_SOCKET, SO_TYPE));
  STASIS_ASSIGN(described.protocol, sys::get_socket_int(fd, SOL_SOCKET, SO_PROTOCOL));
  const auto family = find_family(described);
  if (family == nullptr) {
    context.files.block(file, describe_unsupported(described), "close it before the checkpoint");
    return {};
  }
  STASIS_ASSIGN(const bool filtered, sys::has_socket_filter(fd));
  if (filtered) {
    context.files.block(file, "a socket with a filter program (SO_ATTACH_FILTER or SO_ATTACH_BPF)",
                        "detach it before the checkpoint");
    return {};
  }
  STASIS_ASSIGN(described.options, context.options.read(fd, described));
  const auto socket = static_cast<std::uint32_t>(context.files.container.sockets.size());
  context.files.container.sockets.push_back(std::move(described));
  context.files.model_of(file).detail = model::SocketFile{socket};
  context.file_of_socket.push_back(file);
  const auto inode = static_cast<std::uint32_t>(context.files.files[file].status.st_ino);
  context.socket_of_inode[inode] = socket;
  return family(context, socket);
}

}  // namespace

// Told apart when all are known: finish_sockets().
Result<void> collect_socket(FileContext& context, std::uint32_t file) {
  context.model_of(file).detail = model::SocketFile{};
  return {};
}

Result<void> finish_sockets(FileContext& files) {
  STASIS_ASSIGN(const auto entered, ns::EnteredNamespace::enter(files.network.get(), CLONE_NEWNET));
  SocketContext context{.files = files};
  // The list grows: queues hold files that no process has open.
  for (std::uint32_t file = 0; file < files.files.size(); ++file) {
    if (!std::holds_alternative<model::SocketFile>(files.model_of(file).detail)) continue;
    auto done = describe_socket(context, file);
    if (!done) {
      const auto& place = files.files[file];
      return std::move(done.error())
          .context(fmt::format("socket at {} of pid {}", place.where, place.pid.value));
    }
  }
  STASIS_TRY(find_unknown_peers(context));
  STASIS_TRY(describe_connections(context));
  for (std::uint32_t socket = 0; socket < context.file_of_socket.size(); ++socket) {
    if (std::holds_alternative<model::UnixSocket>(context.model_of(socket).detail)) {
      STASIS_TRY(link_unix_socket(context, socket));
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
