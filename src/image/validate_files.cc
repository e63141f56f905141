#include <array>
#include <numeric>
#include <string>
#include <unordered_set>
#include <variant>

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

constexpr std::size_t kMaxXattrName = 255;
constexpr std::size_t kMaxXattrValue = 65536;
constexpr std::size_t kMaxDescription = 4096;
constexpr std::size_t kMostTtyBytes = 4095;  // N_TTY_BUF_SIZE less one

constexpr std::array<std::string_view, 10> kNamespaces = {
    "cgroup",           "ipc",  "mnt",  "net", "pid",
    "pid_for_children", "time", "user", "uts", "time_for_children"};

// One check for each alternative of OpenFileDetail.
struct DetailChecker {
  const Bounds& bounds;

  Result<void> operator()(const model::PathFile& file) const {
    STASIS_TRY(check_absolute(file.path, "path"));
    return check_index(file.ghost, bounds.container.ghost_files.size(), "ghost file");
  }
  Result<void> operator()(const model::PipeEnd& end) const {
    return check_index(std::uint64_t{end.pipe}, bounds.container.pipes.size(), "pipe");
  }
  Result<void> operator()(const model::Epoll& epoll) const {
    for (const model::EpollWatch& watch : epoll.watches) {
      STASIS_TRY(check_index(std::uint64_t{watch.open_file}, bounds.container.open_files.size(),
                             "epoll watch: open file"));
    }
    return {};
  }
  Result<void> operator()(const model::Inotify& inotify) const {
    for (const model::InotifyWatch& watch : inotify.watches) {
      STASIS_TRY(check_absolute(watch.path, "inotify watch"));
    }
    return {};
  }
  Result<void> operator()(const model::MemfdFile& file) const {
    return check_index(std::uint64_t{file.shared_memory}, bounds.container.shared_memory.size(),
                       "shared memory");
  }
  Result<void> operator()(const model::PidFdFile& file) const {
    if (file.pid.value > 0) return {};
    return broken("pidfd of pid {}", file.pid.value);
  }
  Result<void> operator()(const model::TtyFile& file) const {
    return check_index(std::uint64_t{file.tty}, bounds.container.ttys.size(), "tty");
  }
  Result<void> operator()(const model::SocketFile& file) const {
    return check_index(std::uint64_t{file.socket}, bounds.container.sockets.size(), "socket");
  }
  Result<void> operator()(const model::ExternalFile& file) const {
    if (file.stdio < 0 || file.stdio > 2) return broken("stdio {}", file.stdio);
    return check_text(file.description, kMaxDescription, "description");
  }
  // It becomes a component of a path under /proc.
  Result<void> operator()(const model::NamespaceFile& file) const {
    for (const std::string_view known : kNamespaces) {
      if (file.kind == known) return {};
    }
    return broken("unknown namespace '{}'", file.kind);
  }
  Result<void> operator()(const model::EventFd&) const { return {}; }
  Result<void> operator()(const model::SignalFd&) const { return {}; }
  Result<void> operator()(const model::TimerFd&) const { return {}; }
};

Result<void> check_metadata(const model::FileMetadata& metadata) {
  for (const auto& [name, value] : metadata.xattrs) {
    STASIS_TRY(check_text(name, kMaxXattrName, "xattr name"));
    if (value.size() > kMaxXattrValue) return broken("xattr {}: {} bytes", name, value.size());
  }
  return {};
}

// `seen` holds the paths of the entries before.
Result<void> check_entry(const model::TreeEntry& entry, const Bounds& bounds,
                         const std::unordered_set<std::string_view>& seen) {
  STASIS_TRY(check_relative(entry.path, "path"));
  const std::string_view path = entry.path;
  const std::size_t slash = path.rfind('/');
  const auto parent = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  if (!path.empty() && !seen.contains(parent)) {
    return broken("'{}' comes before its directory", path);
  }
  if (seen.contains(path)) return broken("'{}' is there twice", path);
  if (!entry.hard_link_of.empty() && !seen.contains(entry.hard_link_of)) {
    return broken("'{}' is a link of '{}', which does not come before it", path,
                  entry.hard_link_of);
  }
  STASIS_TRY(check_text(entry.link_target, 4095, "link target"));
  STASIS_TRY(check_metadata(entry.metadata));
  return check_content(entry.content, bounds).context(path);
}

}  // namespace

Result<void> check_open_file(const model::OpenFile& file, const Bounds& bounds) {
  for (const model::FileLock& lock : file.locks) {
    if (lock.start > lock.end) return broken("lock from {} to {}", lock.start, lock.end);
  }
  return std::visit(DetailChecker{bounds}, file.detail);
}

Result<void> check_pipe(const model::Pipe& pipe, const Bounds&) {
  const auto packets = std::accumulate(pipe.packets.begin(), pipe.packets.end(), std::uint64_t{0});
  if (!pipe.packets.empty() && packets != pipe.data.size()) {
    return broken("packets of {} bytes in {} bytes of data", packets, pipe.data.size());
  }
  if (pipe.fifo_path.empty()) return {};
  return check_absolute(pipe.fifo_path, "fifo");
}

Result<void> check_tty(const model::Tty& tty, const Bounds&) {
  if (tty.external && !tty.console) return broken("external, but no console");
  if (tty.input.size() > kMostTtyBytes || tty.output.size() > kMostTtyBytes) {
    return broken("{} bytes of input, {} of output", tty.input.size(), tty.output.size());
  }
  const auto lines =
      std::accumulate(tty.input_lines.begin(), tty.input_lines.end(), std::uint64_t{0});
  if (lines > tty.input.size() || tty.input_lines.size() > kMostTtyBytes) {
    return broken("{} lines of {} bytes in {} bytes of input", tty.input_lines.size(), lines,
                  tty.input.size());
  }
  return {};
}

Result<void> check_ghost(const model::GhostFile& ghost, const Bounds& bounds) {
  STASIS_TRY(check_absolute(ghost.path, "path"));
  STASIS_TRY(check_metadata(ghost.metadata));
  return check_content(ghost.content, bounds);
}

Result<void> check_tmpfs(const model::TmpfsMount& mount, const Bounds& bounds) {
  STASIS_TRY(check_absolute(mount.mount_point, "mount point"));
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < mount.entries.size(); ++i) {
    if ((i == 0) != mount.entries[i].path.empty()) return broken("entry 0 is not its root");
    STASIS_TRY(check_entry(mount.entries[i], bounds, seen).context(fmt::format("entry {}", i)));
    seen.insert(mount.entries[i].path);
  }
  return {};
}

}  // namespace stasis::image
