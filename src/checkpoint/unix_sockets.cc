// Unix sockets: names, connections, queues.
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/peer_pids.h"
#include "checkpoint/sockets.h"
#include "checkpoint/socket_queue.h"
#include "proc/proc_dir.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

constexpr std::uint8_t kEstablished = 1;  // TCP_ESTABLISHED, which unix sockets use too
constexpr std::uint8_t kListen = 10;      // TCP_LISTEN
constexpr std::uint8_t kBothDirections = 3;

std::uint32_t inode_of(const SocketContext& context, std::uint32_t socket) {
  return static_cast<std::uint32_t>(context.file(socket).status.st_ino);
}

const netlink::UnixDiag& diag_of(const SocketContext& context, std::uint32_t socket) {
  return context.unix_sockets.at(inode_of(context, socket));
}

// sun_path of getsockname(2). A path ends in a NUL that is not part of it.
model::Bytes name_of(const sys::SocketBytes& address) {
  constexpr std::size_t kFamilyBytes = sizeof(sa_family_t);
  if (address.size() <= kFamilyBytes) return {};
  model::Bytes name(address.begin() + kFamilyBytes, address.end());
  if (name.front() != 0) {
    while (!name.empty() && name.back() == 0) name.pop_back();
  }
  return name;
}

// Whether `path` leads to the node that the socket was bound to. An overlay filesystem shows
// another inode number to its users than it tells here, so there any socket will do.
Result<std::optional<struct stat>> find_node(const SocketContext& context, const std::string& path,
                                             const netlink::UnixDiag& diag) {
  const auto node = sys::open_in_root(context.files.root.get(), path, O_PATH | O_NOFOLLOW);
  if (!node) return std::optional<struct stat>();
  STASIS_ASSIGN(const auto status, sys::stat_fd(node->get()));
  const bool numbers_tell = diag.node_inode && status.st_dev == diag.node_device;
  if (!S_ISSOCK(status.st_mode) || (numbers_tell && status.st_ino != *diag.node_inode)) {
    return std::optional<struct stat>();
  }
  return std::optional(status);
}

Result<void> describe_path(const SocketContext& context, std::uint32_t socket,
                           model::UnixSocket& into) {
  std::string path(into.name.begin(), into.name.end());
  if (path.front() != '/') {
    // Relative to where the process was when it called bind(2): most never move.
    STASIS_ASSIGN(const auto dir, proc::ProcDir::open(context.file(socket).host));
    STASIS_ASSIGN(const auto cwd, dir.read_link("cwd"));
    into.path_directory = context.files.path_in_container(cwd);
    path = into.path_directory + "/" + path;
  }
  STASIS_ASSIGN(const auto node, find_node(context, path, diag_of(context, socket)));
  into.name_deleted = !node;
  if (!node) return {};
  into.path_mode = node->st_mode & 07777U;
  into.path_uid = node->st_uid;
  into.path_gid = node->st_gid;
  return {};
}

Result<void> describe_peer_credentials(SocketContext& context, std::uint32_t socket,
                                       model::UnixSocket& into) {
  const int fd = context.file(socket).fd.get();
  STASIS_ASSIGN(const auto bytes,
                sys::get_socket_option(fd, SOL_SOCKET, SO_PEERCRED, sizeof(ucred)));
  ucred credentials{};
  std::memcpy(&credentials, bytes.data(), std::min(bytes.size(), sizeof(credentials)));
  if (credentials.uid == static_cast<uid_t>(-1)) return {};  // never connected
  const auto pid = context.files.to_ns(HostPid{credentials.pid});
  // A process that is dead, or lives outside.
  if (!pid && credentials.pid != 0) context.unknown_peers.push_back(socket);
  into.peer_credentials =
      model::SocketCredentials{pid.value_or(NsPid{}), credentials.uid, credentials.gid};
  return {};
}

QueueKind queue_kind_of(int type) {
  if (type == SOCK_DGRAM) return QueueKind::kDatagrams;
  return type == SOCK_SEQPACKET ? QueueKind::kRecords : QueueKind::kStream;
}

bool is_inside(const SocketContext& context, std::uint32_t inode) {
  return context.socket_of_inode.contains(inode);
}

void handle_peer_outside(SocketContext& context, std::uint32_t socket, std::string what) {
  const auto file = context.file_of_socket[socket];
  if (context.file(socket).stdio) {
    context.files.mark_outside(file, fmt::format("socket:[{}]", inode_of(context, socket)));
    return;
  }
  auto& detail = std::get<model::UnixSocket>(context.model_of(socket).detail);
  detail.state = model::UnixState::kPeerOutside;
  if (context.files.options.ext_unix_sk) return;
  context.files.block(file, std::move(what),
                      "use --ext-unix-sk to have it closed by the peer after the restore");
}

// A connection whose other side has no file: closed, or not accepted yet.
void link_without_peer_file(SocketContext& context, std::uint32_t socket,
                            model::UnixSocket& detail) {
  const auto& diag = diag_of(context, socket);
  const auto pending = context.pending.find(diag.inode);
  if (pending != context.pending.end() && is_inside(context, pending->second)) {
    detail.state = model::UnixState::kConnected;
    if (diag.send_queue > 0) {
      context.files.block(context.file_of_socket[socket],
                          "a unix connection with data in it that the server has not accepted yet",
                          "try again in a moment");
    }
  } else if (pending == context.pending.end() && diag.shut_down == kBothDirections) {
    detail.state = model::UnixState::kPeerClosed;
  } else {
    handle_peer_outside(context, socket,
                        "a unix connection that a server outside of the container has not "
                        "accepted yet");
  }
}

void link_listener(SocketContext& context, std::uint32_t socket, model::UnixSocket& detail) {
  for (const auto client : diag_of(context, socket).pending) {
    const auto found = context.socket_of_inode.find(client);
    if (found != context.socket_of_inode.end()) {
      detail.pending_clients.push_back(found->second);
    } else if (!context.files.options.ext_unix_sk) {
      context.files.block(context.file_of_socket[socket],
                          "a listening unix socket with a client outside of the container that "
                          "waits to be accepted",
                          "use --ext-unix-sk to drop the client's connection");
    }
  }
}

std::string shown(const model::Bytes& name) {
  if (name.empty()) return "without a name";
  std::string text(name.begin(), name.end());
  if (text.front() == 0) text.front() = '@';
  return fmt::format("'{}'", text);
}

}  // namespace

Result<void> describe_unix_socket(SocketContext& context, std::uint32_t socket) {
  const auto file = context.file_of_socket[socket];
  const int fd = context.files.files[file].fd.get();
  if (!context.unix_sockets.contains(inode_of(context, socket))) {
    return fail(ErrorKind::kKernel, "sock_diag does not list unix socket {}",
                inode_of(context, socket));
  }
  model::UnixSocket detail;
  STASIS_ASSIGN(const auto address, sys::get_socket_name(fd));
  detail.name = name_of(address);
  if (!detail.name.empty() && detail.name.front() != 0) {
    STASIS_TRY(describe_path(context, socket, detail));
  }
  STASIS_TRY(describe_peer_credentials(context, socket, detail));
  const auto& diag = diag_of(context, socket);
  const int type = context.model_of(socket).type;
  context.model_of(socket).shut_down = diag.shut_down;
  if (diag.state == kListen) {
    detail.state = model::UnixState::kListening;
    detail.backlog = static_cast<std::int32_t>(diag.send_queue);
  } else {
    // Adding files may move the vectors: nothing of them is held across this call.
    STASIS_ASSIGN(auto queue, collect_socket_queue(context.files, file, queue_kind_of(type)));
    context.model_of(socket).queue = std::move(queue);
  }
  context.model_of(socket).detail = std::move(detail);
  return {};
}

Result<void> find_unknown_peers(SocketContext& context) {
  std::vector<int> fds;
  for (const auto socket : context.unknown_peers) fds.push_back(context.file(socket).fd.get());
  STASIS_ASSIGN(const auto pids, read_peer_pids(*context.files.init, fds));
  for (std::size_t i = 0; i < pids.size(); ++i) {
    auto& detail = std::get<model::UnixSocket>(context.model_of(context.unknown_peers[i]).detail);
    detail.peer_credentials->pid = pids[i];
  }
  return {};
}

Result<void> link_unix_socket(SocketContext& context, std::uint32_t socket) {
  auto& detail = std::get<model::UnixSocket>(context.model_of(socket).detail);
  const auto& diag = diag_of(context, socket);
  if (detail.state == model::UnixState::kListening) {
    link_listener(context, socket, detail);
    return {};
  }
  // A datagram socket to which another one connects becomes "established", too.
  const bool datagrams = context.model_of(socket).type == SOCK_DGRAM;
  const bool connected = diag.peer_inode || (diag.state == kEstablished && !datagrams);
  if (!connected) return {};
  const std::uint32_t peer = diag.peer_inode.value_or(0);
  if (peer == 0 && datagrams) {
    detail.state = model::UnixState::kPeerClosed;
    return {};
  }
  if (peer == 0) {
    link_without_peer_file(context, socket, detail);
    return {};
  }
  const auto found = context.socket_of_inode.find(peer);
  if (found != context.socket_of_inode.end()) {
    detail.state = model::UnixState::kConnected;
    detail.peer = found->second;
    return {};
  }
  handle_peer_outside(context, socket,
                      fmt::format("a unix connection ({}) to a process outside of the container",
                                  shown(detail.name)));
  return {};
}

}  // namespace stasis::checkpoint
