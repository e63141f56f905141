// What the links of /proc/PID/fd, exe, cwd, root, map_files and ns point to, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// "/path", "/path (deleted)"; relative to the root of the task. Files named "... (deleted)" exist:
// where it matters, compare with st_nlink.
struct PathLink {
  std::string path;
  bool deleted = false;
  bool operator==(const PathLink&) const = default;
};
struct MemfdLink {  // "/memfd:name (deleted)"
  std::string name;
  bool operator==(const MemfdLink&) const = default;
};
struct PipeLink {  // "pipe:[123]"
  std::uint64_t inode = 0;
  bool operator==(const PipeLink&) const = default;
};
struct SocketLink {  // "socket:[123]"
  std::uint64_t inode = 0;
  bool operator==(const SocketLink&) const = default;
};
struct AnonInodeLink {  // "anon_inode:[eventpoll]", "anon_inode:inotify"
  std::string kind;     // without brackets
  bool operator==(const AnonInodeLink&) const = default;
};
struct NamespaceLink {  // "net:[4026531833]"
  std::string kind;     // cgroup ipc mnt net pid time user uts
  std::uint64_t inode = 0;
  bool operator==(const NamespaceLink&) const = default;
};
struct OtherLink {  // anything else: "dmabuf:/x", "mnt:[x]" ...
  std::string text;
  bool operator==(const OtherLink&) const = default;
};

using FdLink = std::variant<PathLink, MemfdLink, PipeLink, SocketLink, AnonInodeLink, NamespaceLink,
                            OtherLink>;

// Total: what is not recognised is an OtherLink.
FdLink parse_fd_link(std::string_view target);
// kNotFound: no such descriptor (any more).
Result<FdLink> read_fd_link(const ProcDir& dir, int fd);

// The inode number of ns/`kind`; kind may be "pid_for_children" or "time_for_children" too.
Result<std::uint64_t> read_namespace(const ProcDir& dir, const std::string& kind);

}  // namespace stasis::proc
