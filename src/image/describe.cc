#include "image/describe.h"

#include <fcntl.h>
#include <array>
#include <variant>

#include <fmt/format.h>

#include "image/socket_address.h"

namespace stasis::image {
namespace {

constexpr std::array<std::string_view, 3> kStdio = {"stdin", "stdout", "stderr"};
constexpr std::uint32_t kMaxTypes = 6;
constexpr std::array<std::string_view, kMaxTypes> kSocketTypes = {"type 0", "stream", "dgram",
                                                                  "raw",    "rdm",    "seqpacket"};

std::string printable(const model::Bytes& bytes) {
  return image::printable(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string socket_type(std::int32_t type) {
  if (type > 0 && type < static_cast<std::int32_t>(kMaxTypes)) {
    return std::string(kSocketTypes[static_cast<std::size_t>(type)]);
  }
  return fmt::format("type {}", type);
}

struct KindNamer {
  std::string_view operator()(const model::PathFile&) const { return "file"; }
  std::string_view operator()(const model::PipeEnd&) const { return "pipe"; }
  std::string_view operator()(const model::EventFd&) const { return "eventfd"; }
  std::string_view operator()(const model::Epoll&) const { return "epoll"; }
  std::string_view operator()(const model::SignalFd&) const { return "signalfd"; }
  std::string_view operator()(const model::TimerFd&) const { return "timerfd"; }
  std::string_view operator()(const model::Inotify&) const { return "inotify"; }
  std::string_view operator()(const model::MemfdFile&) const { return "memfd"; }
  std::string_view operator()(const model::PidFdFile&) const { return "pidfd"; }
  std::string_view operator()(const model::TtyFile&) const { return "tty"; }
  std::string_view operator()(const model::SocketFile&) const { return "socket"; }
  std::string_view operator()(const model::ExternalFile&) const { return "external"; }
  std::string_view operator()(const model::NamespaceFile&) const { return "namespace"; }
};

struct FileDescriber {
  const model::OpenFile& file;
  const model::Container& container;

  std::string operator()(const model::PathFile& path) const {
    return fmt::format("{} at {}{}", image::printable(path.path), file.position,
                       path.ghost ? " (deleted)" : "");
  }
  std::string operator()(const model::PipeEnd& end) const {
    const char* side = (file.flags & O_ACCMODE) == O_WRONLY ? "write end"
                       : (file.flags & O_ACCMODE) == O_RDWR ? "both ends"
                                                            : "read end";
    const model::Pipe& pipe = container.pipes[end.pipe];
    const std::string fifo =
        pipe.fifo_path.empty() ? "" : fmt::format(" {}", image::printable(pipe.fifo_path));
    return fmt::format("{} of pipe {}{}, {} bytes in it", side, end.pipe, fifo, pipe.data.size());
  }
  std::string operator()(const model::EventFd& event) const {
    return fmt::format("count {}{}", event.count, event.semaphore ? ", semaphore" : "");
  }
  std::string operator()(const model::Epoll& epoll) const {
    return fmt::format("watches {} files", epoll.watches.size());
  }
  std::string operator()(const model::SignalFd& signals) const {
    return fmt::format("mask {:#x}", signals.mask);
  }
  std::string operator()(const model::TimerFd& timer) const {
    return fmt::format("clock {}, {} ns left, every {} ns", timer.clock, timer.value_ns,
                       timer.interval_ns);
  }
  std::string operator()(const model::Inotify& inotify) const {
    return fmt::format("watches {} paths", inotify.watches.size());
  }
  std::string operator()(const model::MemfdFile& memfd) const {
    return fmt::format("'{}' at {}",
                       image::printable(container.shared_memory[memfd.shared_memory].name),
                       file.position);
  }
  std::string operator()(const model::PidFdFile& pidfd) const {
    return fmt::format("pid {}", pidfd.pid.value);
  }
  std::string operator()(const model::TtyFile& tty) const {
    switch (tty.role) {
      case model::TtyRole::kMaster:
        return fmt::format("master of tty {}", tty.tty);
      case model::TtyRole::kSlave:
        return fmt::format("slave of tty {}", tty.tty);
      case model::TtyRole::kConsole:
        return fmt::format("/dev/console, tty {}", tty.tty);
      case model::TtyRole::kCurrentTty:
        return fmt::format("/dev/tty, tty {}", tty.tty);
    }
    return {};
  }
  std::string operator()(const model::SocketFile& socket) const {
    return fmt::format("socket {}: {}", socket.socket,
                       image::describe(container.sockets[socket.socket]));
  }
  std::string operator()(const model::ExternalFile& external) const {
    return fmt::format("the caller's {} ({})", kStdio[static_cast<std::size_t>(external.stdio)],
                       image::printable(external.description));
  }
  std::string operator()(const model::NamespaceFile& file_of) const { return file_of.kind; }
};

struct SocketDescriber {
  const model::Socket& socket;

  std::string operator()(const model::UnixSocket& detail) const {
    std::string text = fmt::format("unix {}", socket_type(socket.type));
    if (!detail.name.empty()) text += fmt::format(" '{}'", printable(detail.name));
    switch (detail.state) {
      case model::UnixState::kUnconnected:
        break;
      case model::UnixState::kListening:
        text += fmt::format(", listening, {} connections waiting", detail.pending_clients.size());
        break;
      case model::UnixState::kConnected:
        text += detail.peer ? fmt::format(", connected to socket {}", *detail.peer)
                            : std::string(", connected");
        break;
      case model::UnixState::kPeerOutside:
        text += ", connected to the outside";
        break;
      case model::UnixState::kPeerClosed:
        text += ", closed by its peer";
        break;
    }
    return text;
  }
  std::string operator()(const model::InetSocket& detail) const {
    const bool tcp = socket.type == 1;
    std::string text = tcp ? "tcp" : socket.type == 2 ? "udp" : "inet " + socket_type(socket.type);
    if (tcp && detail.tcp_state == model::TcpState::kListening) {
      return fmt::format("{}, listening on {}", text, address_text(detail.local_address));
    }
    if (!detail.local_address.empty()) text += " " + address_text(detail.local_address);
    if (!detail.peer_address.empty()) {
      text += fmt::format(", connected to {}", address_text(detail.peer_address));
    }
    return text;
  }
  std::string operator()(const model::NetlinkSocket& detail) const {
    return fmt::format("netlink protocol {}, port {}", socket.protocol, detail.port);
  }
};

bool contains(const model::Vma& vma, std::uint64_t address) {
  return vma.start <= address && address < vma.end;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string_view kind_of(const model::OpenFile& file) {
  return std::visit(KindNamer{}, file.detail);
}

std::string describe(const model::OpenFile& file, const model::Container& container) {
  return std::visit(FileDescriber{file, container}, file.detail);
}

std::string describe(const model::Socket& socket) {
  std::string text = std::visit(SocketDescriber{socket}, socket.detail);
  if (!socket.queue.empty()) text += fmt::format(", {} messages queued", socket.queue.size());
  return text;
}

std::string_view area_kind(const model::Vma& vma, const model::MemoryLayout& layout) {
  switch (vma.kind) {
    case model::VmaKind::kAnonymous:
      if (contains(vma, layout.start_stack)) return "stack";
      if (vma.start < layout.brk && layout.start_brk < vma.end) return "heap";
      return "anonymous";
    case model::VmaKind::kFile:
      return vma.shared ? "shared file" : "private file";
    case model::VmaKind::kSharedMemory:
      return "shared memory";
    case model::VmaKind::kVdso:
    case model::VmaKind::kVvar:
    case model::VmaKind::kVvarVclock:
      return "vdso";
  }
  return "unknown";
}

}  // namespace stasis::image
