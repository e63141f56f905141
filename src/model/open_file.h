// Open file descriptions: what fds of any number of processes refer to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "model/data.h"

namespace stasis::model {

// A regular file, directory, device or O_PATH handle that is opened by name again.
struct PathFile {
  std::string path;                      // in the container's mount namespace
  std::uint32_t type = 0;                // S_IFMT bits: S_IFREG, S_IFDIR, S_IFCHR, S_IFBLK ...
  std::uint64_t size = 0;                // regular files: at checkpoint
  std::int64_t mtime_ns = 0;
  std::uint64_t device = 0;              // devices: st_rdev
  std::optional<std::uint32_t> ghost;    // index into Container::ghost_files when it was deleted
  bool operator==(const PathFile&) const = default;
};

struct PipeEnd {
  std::uint32_t pipe = 0;  // index into Container::pipes; which end follows from the open flags
  bool operator==(const PipeEnd&) const = default;
};

struct EventFd {
  std::uint64_t count = 0;
  bool semaphore = false;
  bool operator==(const EventFd&) const = default;
};

struct EpollWatch {
  std::int32_t fd = 0;          // the number under which it was added
  std::uint32_t open_file = 0;  // index into Container::open_files
  std::uint32_t events = 0;
  std::uint64_t data = 0;
  bool operator==(const EpollWatch&) const = default;
};

struct Epoll {
  std::vector<EpollWatch> watches;
  bool operator==(const Epoll&) const = default;
};

struct SignalFd {
  std::uint64_t mask = 0;
  bool operator==(const SignalFd&) const = default;
};

struct TimerFd {
  std::int32_t clock = 0;
  std::uint32_t settime_flags = 0;
  std::uint64_t ticks = 0;         // expirations not read yet
  std::uint64_t value_ns = 0;      // remaining; 0: disarmed
  std::uint64_t interval_ns = 0;
  bool operator==(const TimerFd&) const = default;
};

struct InotifyWatch {
  std::int32_t descriptor = 0;
  std::string path;
  std::uint32_t mask = 0;
  bool operator==(const InotifyWatch&) const = default;
};

struct Inotify {
  std::vector<InotifyWatch> watches;
  Bytes queued;                    // struct inotify_event records not read yet
  bool operator==(const Inotify&) const = default;
};

struct MemfdFile {
  std::uint32_t shared_memory = 0;  // index into Container::shared_memory
  bool operator==(const MemfdFile&) const = default;
};

struct PidFdFile {
  NsPid pid;
  bool operator==(const PidFdFile&) const = default;
};

enum class TtyRole : std::uint8_t { kMaster = 1, kSlave = 2, kConsole = 3, kCurrentTty = 4 };

struct TtyFile {
  std::uint32_t tty = 0;            // index into Container::ttys
  TtyRole role = TtyRole::kSlave;
  bool operator==(const TtyFile&) const = default;
};

struct SocketFile {
  std::uint32_t socket = 0;         // index into Container::sockets
  bool operator==(const SocketFile&) const = default;
};

// Came from outside the container (a caller's pipe, file or /dev/null): reconnected on restore to
// the caller's descriptor of the same number.
struct ExternalFile {
  std::int32_t stdio = 0;           // 0, 1 or 2
  std::string description;          // "pipe:[123]", "/var/log/x": for messages
  bool operator==(const ExternalFile&) const = default;
};

struct NamespaceFile {              // an open /proc/PID/ns/KIND of the container's own namespaces
  std::string kind;
  bool operator==(const NamespaceFile&) const = default;
};

using OpenFileDetail =
    std::variant<PathFile, PipeEnd, EventFd, Epoll, SignalFd, TimerFd, Inotify, MemfdFile, PidFdFile,
                 TtyFile, SocketFile, ExternalFile, NamespaceFile>;

// F_SETOWN_EX, F_SETSIG.
struct FileOwner {
  std::int32_t type = 0;  // F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP
  NsPid id;
  std::int32_t signal = 0;
  std::uint32_t uid = 0, euid = 0;
  bool operator==(const FileOwner&) const = default;
};

enum class LockKind : std::uint8_t { kFlock = 1, kPosix = 2, kOfd = 3, kLease = 4 };

struct FileLock {
  LockKind kind = LockKind::kFlock;
  bool exclusive = false;
  NsPid owner;               // POSIX locks: the process; others: the open file description
  std::uint64_t start = 0;
  std::uint64_t end = 0;     // last byte; UINT64_MAX: to the end of the file
  bool operator==(const FileLock&) const = default;
};

struct OpenFile {
  std::uint32_t flags = 0;   // O_ access mode and status flags, without O_CLOEXEC
  std::int64_t position = 0;
  std::optional<FileOwner> owner;
  std::vector<FileLock> locks;
  OpenFileDetail detail;
  bool operator==(const OpenFile&) const = default;
};

// A pipe, or a fifo: its buffer.
struct Pipe {
  std::uint64_t capacity = 0;           // F_GETPIPE_SZ, bytes
  Bytes data;                           // not read yet
  std::vector<std::uint32_t> packets;   // O_DIRECT pipes: lengths of the packets in `data`
  std::string fifo_path;                // named fifos; "" for pipe(2)
  std::uint32_t uid = 0, gid = 0;       // owner of the inode
  bool operator==(const Pipe&) const = default;
};

// struct termios2 and winsize of asm-generic/termbits.h.
struct Terminal {
  std::uint32_t iflag = 0, oflag = 0, cflag = 0, lflag = 0;
  std::uint8_t line = 0;
  std::array<std::uint8_t, 19> cc{};
  std::uint32_t ispeed = 0, ospeed = 0;
  std::uint16_t rows = 0, columns = 0, x_pixels = 0, y_pixels = 0;
  bool operator==(const Terminal&) const = default;
};

// One pty pair, or the container's console (whose master is held outside).
struct Tty {
  std::uint32_t index = 0;       // N of /dev/pts/N
  bool console = false;          // the master is outside: restored from --console-socket or the caller's
  bool external = false;         // console only: the slave, too, is of a devpts outside (host terminal)
  Terminal terminal;
  bool locked = false;           // TIOCGPTLCK
  bool packet_mode = false;      // TIOCGPKT
  bool exclusive = false;        // TIOCGEXCL
  Bytes input;                   // written by the master, not read from the slave yet
  // Canonical mode: the lengths of the whole lines in `input`; 0 is a lone end of file. A line that
  // is still being typed follows them.
  std::vector<std::uint32_t> input_lines;
  Bytes output;                  // written by the slave, not read from the master yet
  bool slaves_closed = false;    // there were some: the master reads the end
  std::uint32_t uid = 0, gid = 0, mode = 0;  // of the slave's node
  bool operator==(const Tty&) const = default;
};

}  // namespace stasis::model
