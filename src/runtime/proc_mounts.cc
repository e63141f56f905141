#include "runtime/proc_mounts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/ranges.h>

#include "runtime/rootfs_paths.h"
#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::runtime {
namespace {

constexpr const char* kProc = "/proc";
constexpr const char* kItself = ".";

// What LXCFS and engines give to containers in the place of the machine's figures; the same as runc
// lets pass.
constexpr std::array<const char*, 11> kAllowed{"cpuinfo",
                                               "diskstats",
                                               "loadavg",
                                               "meminfo",
                                               "net/dev",
                                               "slabinfo",
                                               "stat",
                                               "swaps",
                                               "uptime",
                                               "sys/crypto/fips_enabled",
                                               "sys/kernel/ns_last_pid"};

// `place`: below /proc; nothing when it is none of those known.
Result<void> check_place(const std::optional<std::string>& place, MountContent content) {
  if (place == kItself) {
    if (content == MountContent::kProcfs) return {};
    return fail(
        ErrorKind::kInvalidArgument,
        "at /proc there can be a new mount of type proc, or a bind of one, and nothing else");
  }
  if (place && std::ranges::find(kAllowed, *place) != kAllowed.end()) return {};
  return fail(ErrorKind::kInvalidArgument, "inside of /proc, only these can be mounted over: {}",
              fmt::join(kAllowed, ", "));
}

// Which of the places that matter `target_fd` is, by its identity: names on the way to it may be
// symlinks, or change.
Result<std::optional<std::string>> find_place(int proc_fd, int target_fd) {
  STASIS_ASSIGN(const bool is_itself, is_same_place(proc_fd, target_fd));
  if (is_itself) return std::string(kItself);
  for (const char* name : kAllowed) {
    STASIS_ASSIGN(const UniqueFd found, open_if_exists(proc_fd, name));
    if (!found) continue;
    STASIS_ASSIGN(const bool is_found, is_same_place(found.get(), target_fd));
    if (is_found) return std::string(name);
  }
  return std::nullopt;
}

// On the mount of a procfs: what is mounted over parts of it was judged when that was done.
Result<bool> is_inside(int proc_fd, int target_fd) {
  STASIS_ASSIGN(const auto type, sys::get_filesystem_type(proc_fd));
  STASIS_ASSIGN(const auto proc_mount, sys::get_mount_id(proc_fd));
  STASIS_ASSIGN(const auto target_mount, sys::get_mount_id(target_fd));
  return type == sys::kProcType && proc_mount == target_mount;
}

}  // namespace

Result<void> check_proc_destination(const std::string& destination, MountContent content) {
  const auto place = path_below(destination, kProc);
  return place ? check_place(place, content) : Result<void>();
}

Result<bool> ProcGuard::check_target(int target_fd, MountContent content) const {
  STASIS_ASSIGN(const UniqueFd named,
                proc_ ? sys::dup_fd(proc_.get()) : open_if_exists(root_fd_, kProc));
  if (!named) return false;
  STASIS_ASSIGN(const bool is_itself, is_same_place(named.get(), target_fd));
  STASIS_ASSIGN(const bool is_in_procfs, is_inside(named.get(), target_fd));
  if (!is_itself && !is_in_procfs) return false;
  STASIS_ASSIGN(const auto place, find_place(named.get(), target_fd));
  STASIS_TRY(check_place(place, content));
  return is_in_procfs;
}

Result<void> ProcGuard::remember(const std::string& destination, int mount_fd) {
  if (path_below(destination, kProc) != kItself) return {};
  STASIS_ASSIGN(proc_, sys::dup_fd(mount_fd));
  return {};
}

}  // namespace stasis::runtime
