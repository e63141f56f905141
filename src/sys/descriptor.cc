#include "sys/descriptor.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <array>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr int kGetOwnerUids = 17;  // F_GETOWNER_UIDS, asm-generic/fcntl.h; not in glibc's fcntl.h

Result<int> get_bytes(int fd, unsigned long request, const char* name) {
  int bytes = 0;
  if (::ioctl(fd, request, &bytes) != 0) return last_error("ioctl {} fd {}", name, fd);
  return bytes;
}

}  // namespace

Result<int> get_status_flags(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return last_error("fcntl F_GETFL fd {}", fd);
  return flags;
}

Result<void> set_status_flags(int fd, int flags) {
  if (::fcntl(fd, F_SETFL, flags) != 0) return last_error("fcntl F_SETFL {:#o} fd {}", flags, fd);
  return {};
}

Result<void> set_position(int fd, std::int64_t position) {
  if (::lseek(fd, position, SEEK_SET) < 0) return last_error("lseek fd {} to {}", fd, position);
  return {};
}

Result<OwnerOfFile> get_file_owner(int fd) {
  f_owner_ex owner{};
  if (::fcntl(fd, F_GETOWN_EX, &owner) != 0) return last_error("fcntl F_GETOWN_EX fd {}", fd);
  return OwnerOfFile{static_cast<int>(owner.type), owner.pid};
}

Result<int> get_file_signal(int fd) {
  const int signal = ::fcntl(fd, F_GETSIG);
  if (signal < 0) return last_error("fcntl F_GETSIG fd {}", fd);
  return signal;
}

Result<OwnerUids> get_owner_uids(int fd) {
  std::array<uid_t, 2> uids{};
  if (::fcntl(fd, kGetOwnerUids, uids.data()) != 0) {
    return last_error("fcntl F_GETOWNER_UIDS fd {}", fd);
  }
  return OwnerUids{uids[0], uids[1]};
}

Result<UniqueFd> duplicate_from(int fd, int least) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, least));
  if (!copy) return last_error("fcntl F_DUPFD_CLOEXEC fd {} from {}", fd, least);
  return copy;
}

Result<short> poll_now(int fd, short events) {
  pollfd item{fd, events, 0};
  if (retry([&] { return ::poll(&item, 1, 0); }) < 0) return last_error("poll fd {}", fd);
  return item.revents;
}

Result<int> get_readable_bytes(int fd) { return get_bytes(fd, FIONREAD, "FIONREAD"); }

Result<int> get_unacknowledged_tcp_bytes(int fd) { return get_bytes(fd, SIOCOUTQ, "SIOCOUTQ"); }

Result<int> get_unsent_tcp_bytes(int fd) { return get_bytes(fd, SIOCOUTQNSD, "SIOCOUTQNSD"); }

}  // namespace stasis::sys
