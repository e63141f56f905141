// /proc/PID/fdinfo/N: what the kernel tells about an open file beyond its link (proc_pid_fdinfo(5);
// fs/proc/fd.c seq_show and the show_fdinfo of each kind). The link is in proc/fd_link.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/file_locks.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

struct EventFdInfo {
  std::uint64_t count = 0;
  std::optional<std::int32_t> id;  // equal for duplicates of one eventfd; Linux 5.2
  std::optional<bool> semaphore;   // EFD_SEMAPHORE; Linux 6.5
  bool operator==(const EventFdInfo&) const = default;
};

// One entry of an epoll set ("tfd:").
struct EpollTarget {
  std::int32_t fd = 0;       // the number under which it was added, open or not by now
  std::uint32_t events = 0;  // EPOLL bits
  std::uint64_t data = 0;
  std::int64_t pos = 0;
  std::uint64_t inode = 0;  // of the file that is watched; one for all anon_inode files
  std::uint32_t dev_major = 0, dev_minor = 0;
  bool operator==(const EpollTarget&) const = default;
};

// name_to_handle_at(2)
struct FileHandle {
  std::int32_t type = 0;
  std::vector<std::uint8_t> bytes;
  bool operator==(const FileHandle&) const = default;
};

struct InotifyWatchInfo {
  std::int32_t descriptor = 0;
  std::uint64_t inode = 0;
  std::uint32_t dev_major = 0, dev_minor = 0;
  std::uint32_t mask = 0;            // IN_ bits
  std::optional<FileHandle> handle;  // absent where the filesystem has none
  bool operator==(const InotifyWatchInfo&) const = default;
};

struct TimerFdInfo {
  std::int32_t clock = 0;           // CLOCK_
  std::uint64_t ticks = 0;          // expirations not read yet
  std::uint32_t settime_flags = 0;  // TFD_TIMER_
  std::uint64_t value_ns = 0;       // remaining; 0: disarmed
  std::uint64_t interval_ns = 0;
  bool operator==(const TimerFdInfo&) const = default;
};

struct PidFdInfo {
  HostPid pid;                // -1: reaped already; 0: not visible in this /proc
  std::vector<NsPid> ns_pid;  // as TaskStatus::ns_pid
  bool operator==(const PidFdInfo&) const = default;
};

// Lines of other kinds are ignored: the link says what the file is.
struct FdInfo {
  std::int64_t pos = 0;
  std::uint32_t flags = 0;    // O_ bits, with O_CLOEXEC of this descriptor
  std::int32_t mount_id = 0;  // as in proc/mountinfo.h; kernel-internal mounts are not there
  std::optional<std::uint64_t> inode;  // Linux 5.14
  std::vector<FileLock> locks;         // held through this open file
  std::optional<EventFdInfo> eventfd;
  std::vector<EpollTarget> epoll_targets;
  std::optional<std::uint64_t> signal_mask;  // signalfd; bit 0 is signal 1
  std::vector<InotifyWatchInfo> inotify_watches;
  std::optional<TimerFdInfo> timerfd;
  std::optional<PidFdInfo> pidfd;
  std::optional<std::int32_t> tty_index;       // pty master: N of /dev/pts/N
  std::optional<std::uint32_t> in_flight_fds;  // unix socket: fds in its receive queue ("scm_fds")
  bool operator==(const FdInfo&) const = default;
};

Result<FdInfo> parse_fd_info(std::string_view text);
// kNotFound: no such descriptor (any more).
Result<FdInfo> read_fd_info(const ProcDir& dir, int fd);

// Open descriptors, sorted by number.
Result<std::vector<int>> list_fds(const ProcDir& dir);

}  // namespace stasis::proc
