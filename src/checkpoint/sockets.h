// Sockets of all families: what they share is collected in sockets.cc, families are in
// unix_sockets.cc and inet_sockets.cc.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "checkpoint/file_context.h"
#include "checkpoint/socket_options.h"
#include "netlink/unix_diag.h"

namespace stasis::checkpoint {

// While sockets are collected. The calling thread is in the container's network namespace.
struct SocketContext {
  FileContext& files;
  SocketOptionReader options;
  std::set<ino_t> listed_networks;                          // whose unix sockets are known
  std::map<std::uint32_t, netlink::UnixDiag> unix_sockets;  // by inode
  std::map<std::uint32_t, std::uint32_t> pending;           // client inode -> listener inode
  std::map<std::uint32_t, std::uint32_t> socket_of_inode;   // inode -> Container::sockets
  std::vector<std::uint32_t> unknown_peers;   // unix sockets whose peer no living process is
  std::vector<std::uint32_t> connections;     // established TCP sockets
  std::vector<std::uint16_t> waiting_ports;   // of TCP listeners with clients to be accepted
  std::vector<std::uint32_t> file_of_socket;  // Container::sockets -> open file

  model::Socket& model_of(std::uint32_t socket) { return files.container.sockets[socket]; }
  const CollectedFile& file(std::uint32_t socket) const {
    return files.files[file_of_socket[socket]];
  }
};

// Everything of one socket but what needs the others. May add files found in its queue.
Result<void> describe_unix_socket(SocketContext& context, std::uint32_t socket);
Result<void> describe_inet_socket(SocketContext& context, std::uint32_t socket);
Result<void> describe_netlink_socket(SocketContext& context, std::uint32_t socket);

// After all are described: the pids of peers that have ended, what is on its way in TCP
// connections, and who is connected to whom.
Result<void> find_unknown_peers(SocketContext& context);
Result<void> describe_connections(SocketContext& context);
Result<void> link_unix_socket(SocketContext& context, std::uint32_t socket);

}  // namespace stasis::checkpoint
