#include "checkpoint/held_connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "sys/file.h"
#include "sys/socket.h"

namespace stasis::checkpoint {
namespace {

constexpr int kRepairOn = 1;
constexpr int kRepairOffWithoutProbe = -1;  // TCP_REPAIR_OFF_NO_WP, Linux 4.18

}  // namespace

Result<void> HeldConnections::hold(int fd, Incoming incoming) {
  Held held;
  STASIS_ASSIGN(held.fd, sys::dup_fd(fd));
  STASIS_ASSIGN(held.reuse_address, sys::get_socket_int(fd, SOL_SOCKET, SO_REUSEADDR));
  held_.push_back(std::move(held));
  if (incoming == Incoming::kDropped) {
    STASIS_TRY(sys::drop_incoming(fd));
    held_.back().filtered = true;
  }
  return sys::set_socket_int(fd, IPPROTO_TCP, TCP_REPAIR, kRepairOn);
}

void HeldConnections::let_go() noexcept {
  for (const Held& held : held_) {
    const int fd = held.fd.get();
    static_cast<void>(sys::set_socket_int(fd, IPPROTO_TCP, TCP_REPAIR, kRepairOffWithoutProbe));
    // Leaving repair mode forgets it.
    static_cast<void>(sys::set_socket_int(fd, SOL_SOCKET, SO_REUSEADDR, held.reuse_address));
    if (held.filtered) static_cast<void>(sys::accept_incoming(fd));
  }
  held_.clear();
}

}  // namespace stasis::checkpoint
