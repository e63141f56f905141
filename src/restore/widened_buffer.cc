#include "restore/widened_buffer.h"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include "sys/socket.h"

namespace stasis::restore {
namespace {

constexpr int kSoBufLock = 72;  // SO_BUF_LOCK, Linux 5.14
// For what the kernel counts beside the data.
constexpr std::size_t kOverheadBytes = std::size_t{1} << 20;
constexpr std::size_t kMostBytes = std::size_t{512} << 20;

}  // namespace

Result<Rollback> widen_buffer(int fd, BufferSide side, std::size_t bytes) {
  const int read = side == BufferSide::kSend ? SO_SNDBUF : SO_RCVBUF;
  const int force = side == BufferSide::kSend ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;
  Rollback undo;
  // The kernel tells twice what was set.
  STASIS_ASSIGN(const int before, sys::get_socket_int(fd, SOL_SOCKET, read));
  const auto wanted = static_cast<int>(2 * std::min(bytes, kMostBytes) + kOverheadBytes);
  if (bytes == 0 || before / 2 >= wanted) return undo;
  const auto locks = sys::get_socket_int(fd, SOL_SOCKET, kSoBufLock);
  STASIS_TRY(sys::set_socket_int(fd, SOL_SOCKET, force, wanted));
  undo.push([fd, force, before, locks = locks ? std::optional(*locks) : std::nullopt] {
    static_cast<void>(sys::set_socket_int(fd, SOL_SOCKET, force, before / 2));
    if (locks) static_cast<void>(sys::set_socket_int(fd, SOL_SOCKET, kSoBufLock, *locks));
  });
  return undo;
}

}  // namespace stasis::restore
