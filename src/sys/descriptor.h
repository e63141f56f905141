// What fcntl(2) and poll(2) tell and set about an open file: status flags, owner, pipe size, seals.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// F_GETFL, F_SETFL: only O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME and O_NONBLOCK can be set later.
Result<int> get_status_flags(int fd);
Result<void> set_status_flags(int fd, int flags);

// lseek(2) with SEEK_SET.
Result<void> set_position(int fd, std::int64_t position);

// F_GETOWN_EX, Linux 2.6.32. `id` is of the caller's pid namespace; 0: none, or not visible there.
struct OwnerOfFile {
  int type = 0;  // F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP
  pid_t id = 0;
};
Result<OwnerOfFile> get_file_owner(int fd);
// F_GETSIG: 0 means SIGIO.
Result<int> get_file_signal(int fd);
// F_GETOWNER_UIDS, Linux 3.6: real and effective uid of who set the owner.
struct OwnerUids {
  std::uint32_t uid = 0, euid = 0;
};
Result<OwnerUids> get_owner_uids(int fd);

// F_DUPFD_CLOEXEC: the lowest free number from `least` on.
Result<UniqueFd> duplicate_from(int fd, int least);

// The events of poll(2) that hold now, of those in `events`; POLLERR and POLLHUP are always told.
Result<short> poll_now(int fd, short events);
// FIONREAD: bytes that a read would give now.
Result<int> get_readable_bytes(int fd);
// SIOCOUTQ of a TCP connection: bytes that the peer has not acknowledged, sent or not.
Result<int> get_unacknowledged_tcp_bytes(int fd);
// SIOCOUTQNSD, Linux 2.6.38: those of them that were not sent yet.
Result<int> get_unsent_tcp_bytes(int fd);

}  // namespace stasis::sys
