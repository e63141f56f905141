#include "restore/file_metadata.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/node.h"
#include "sys/xattr.h"

namespace stasis::restore {
namespace {

constexpr mode_t kPermissions = 07777;

std::int64_t to_ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

// The owner first: changing it clears set-id bits and file capabilities. Access control lists are
// attributes and must fit the mode, which comes before.
Result<void> apply_attributes(int dir_fd, const std::string& name,
                              const model::FileMetadata& metadata,
                              std::vector<std::string>& warnings) {
  STASIS_TRY(sys::set_owner_at(dir_fd, name, metadata.uid, metadata.gid));
  if (!S_ISLNK(metadata.mode)) {
    STASIS_TRY(sys::set_mode_at(dir_fd, name, metadata.mode & kPermissions));
  }
  if (metadata.xattrs.empty()) return {};
  STASIS_ASSIGN(const UniqueFd node, sys::open_at(dir_fd, name, O_PATH | O_NOFOLLOW));
  return apply_xattrs(node.get(), name, metadata, warnings);
}

Result<void> apply_xattrs(int fd, const std::string& shown, const model::FileMetadata& metadata,
                          std::vector<std::string>& warnings) {
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  for (const auto& [name, value] : metadata.xattrs) {
    const auto set = sys::set_xattr(path, name, value);
    if (set) continue;
    if (set.error().error_number() != EOPNOTSUPP) return set;
    warnings.push_back(
        fmt::format("the attribute '{}' of '{}' is lost: this kernel has none of "
                    "that kind there",
                    name, shown));
  }
  return {};
}

Result<KeptTimes> KeptTimes::of(int dir_fd) {
  STASIS_ASSIGN(const struct stat status, sys::stat_fd(dir_fd));
  return KeptTimes(dir_fd, to_ns(status.st_atim), to_ns(status.st_mtim));
}

KeptTimes::KeptTimes(KeptTimes&& other) noexcept
    : dir_fd_(std::exchange(other.dir_fd_, -1)),
      atime_ns_(other.atime_ns_),
      mtime_ns_(other.mtime_ns_) {}

KeptTimes::~KeptTimes() {
  if (dir_fd_ >= 0) static_cast<void>(sys::set_times_at(dir_fd_, ".", atime_ns_, mtime_ns_));
}

}  // namespace stasis::restore
