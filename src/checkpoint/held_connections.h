// TCP connections that are held still while they are described, by TCP_REPAIR (Linux 3.5) and, when
// the processes are to end, a socket filter that drops what arrives: the peer sends it again, to
// the restored connection.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::checkpoint {

enum class Incoming {
  kAccepted,  // the processes run on
  kDropped,   // the processes end
};

// Lets the connections go on when it is destroyed, which is to happen before their processes run:
// meanwhile their system calls on the connection fail. CAP_NET_ADMIN in the network namespace.
class HeldConnections {
 public:
  HeldConnections() = default;
  HeldConnections(HeldConnections&&) noexcept = default;
  HeldConnections& operator=(HeldConnections&&) = delete;
  ~HeldConnections() { let_go(); }

  // `fd`: a connection, or one that is being made or closed; it is duplicated.
  Result<void> hold(int fd, Incoming incoming);
  void let_go() noexcept;
  // The processes are dead: closed as they are, the peers hear nothing of it.
  void close_silently() { held_.clear(); }

 private:
  struct Held {
    UniqueFd fd;
    int reuse_address = 0;
    bool filtered = false;
  };
  std::vector<Held> held_;
};

}  // namespace stasis::checkpoint
