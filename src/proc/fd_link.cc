#include "proc/fd_link.h"

#include <algorithm>
#include <array>
#include <optional>

#include "proc/escape.h"
#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::array<std::string_view, 8> kNamespaceKinds = {"cgroup", "ipc",  "mnt",  "net",
                                                             "pid",    "time", "user", "uts"};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// "kind:[inode]"
std::optional<NamespaceLink> parse_inode_link(std::string_view target) {
  const auto at = target.find(":[");
  if (at == std::string_view::npos || !target.ends_with(']')) return std::nullopt;
  const auto inode = parse_number<std::uint64_t>(target.substr(at + 2, target.size() - at - 3));
  if (!inode) return std::nullopt;
  return NamespaceLink{std::string(target.substr(0, at)), *inode};
}

FdLink parse_path(std::string_view target) {
  const bool deleted = take_deleted_suffix(target);
  auto name = target;
  if (deleted && take_prefix(name, "/memfd:")) return MemfdLink{std::string(name)};
  return PathLink{std::string(target), deleted};
}

}  // namespace

FdLink parse_fd_link(std::string_view target) {
  if (target.starts_with('/')) return parse_path(target);
  auto kind = target;
  if (take_prefix(kind, "anon_inode:")) {
    if (kind.starts_with('[') && kind.ends_with(']')) kind = kind.substr(1, kind.size() - 2);
    return AnonInodeLink{std::string(kind)};
  }
  if (auto link = parse_inode_link(target)) {
    if (link->kind == "pipe") return PipeLink{link->inode};
    if (link->kind == "socket") return SocketLink{link->inode};
    const auto known = std::find(kNamespaceKinds.begin(), kNamespaceKinds.end(), link->kind);
    if (known != kNamespaceKinds.end()) return std::move(*link);
  }
  return OtherLink{std::string(target)};
}

Result<FdLink> read_fd_link(const ProcDir& dir, int fd) {
  STASIS_ASSIGN(const auto target, dir.read_link(fmt::format("fd/{}", fd)));
  return parse_fd_link(target);
}

Result<std::uint64_t> read_namespace(const ProcDir& dir, const std::string& kind) {
  STASIS_ASSIGN(const auto target, dir.read_link("ns/" + kind));
  const auto link = parse_fd_link(target);
  if (const auto* found = std::get_if<NamespaceLink>(&link)) return found->inode;
  return fail(ErrorKind::kUnsupported, "{}: ns/{}: expected KIND:[INODE], found {}", dir.name(),
              kind, quoted(target));
}

}  // namespace stasis::proc
