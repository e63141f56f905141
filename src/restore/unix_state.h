// What is known while unix sockets are made.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/socket.h"
#include "restore/file_context.h"

namespace stasis::restore {

// A connection to be made by connect(2) and accept(2). Without a client, the client's side is lost.
struct AcceptedConnection {
  std::uint32_t accepted = 0;
  std::optional<std::uint32_t> client;
};

class UnixContext {
 public:
  explicit UnixContext(FileContext& context);

  FileContext& files;
  std::vector<std::uint32_t> sockets;  // indexes of the unix ones that have an open file
  std::vector<AcceptedConnection> to_accept;

  const model::Socket& socket(std::uint32_t index) const { return files.container.sockets[index]; }
  const model::UnixSocket& detail(std::uint32_t index) const {
    return std::get<model::UnixSocket>(socket(index).detail);
  }
  // -1 while it has not been made.
  int fd(std::uint32_t index) const;
  // Keeps it as the open file of the socket. Its options are set when its queue has been filled.
  void put(std::uint32_t index, UniqueFd fd);
  // Whoever has the socket open.
  std::optional<model::SocketCredentials> user_of(std::uint32_t index) const;
  // Who acts under the pid of these credentials; null: nobody can.
  Errands* find_errands(const std::optional<model::SocketCredentials>& who) const;
  bool listener_named(const model::Bytes& name) const;
};

// Sockets are made non-blocking: a connect(2) to a full listener shall fail, not wait.
Result<UniqueFd> make_unix_socket(int type);
// These three so that SO_PEERCRED is as it was: the listener's own, the client's, or the maker's.
Result<void> listen_as(const UnixContext& unix, int fd, const model::UnixSocket& listener);
Result<void> connect_as(const UnixContext& unix, int fd, const model::UnixSocket& listener,
                        const std::optional<model::SocketCredentials>& client);
Result<std::pair<UniqueFd, UniqueFd>> make_pair_as(
    const UnixContext& unix, int type, const std::optional<model::SocketCredentials>& maker);

// Connects a client to `listener` and accepts it.
Result<void> connect_and_accept(UnixContext& unix, const AcceptedConnection& connection,
                                int listener, const model::UnixSocket& listener_detail);

// Gives a datagram socket that has just got its name and has a queue to be filled a feeder; when
// its name will go at once, connects to it those that were connected to it.
Result<void> serve_datagrams(UnixContext& unix, std::uint32_t socket);

}  // namespace stasis::restore
