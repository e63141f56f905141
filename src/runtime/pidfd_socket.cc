#include "runtime/pidfd_socket.h"

#include <array>

#include "sys/child_process.h"
#include "sys/fd_passing.h"

namespace stasis::runtime {

Result<UniqueFd> connect_pidfd_socket(const std::string& path) {
  if (path.empty()) return UniqueFd();
  return sys::connect_unix(path).context("--pidfd-socket");
}

Result<void> send_pidfd(const UniqueFd& socket, HostPid pid) {
  if (!socket) return {};
  STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(pid));
  const std::array<int, 1> fds{pidfd.get()};
  return sys::send_fds(socket.get(), "pidfd", fds).context("sending the pidfd");
}

}  // namespace stasis::runtime
