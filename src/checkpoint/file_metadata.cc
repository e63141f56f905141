#include "checkpoint/file_metadata.h"

#include <fmt/format.h>

#include "sys/xattr.h"

namespace stasis::checkpoint {
namespace {

std::int64_t to_ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

Result<model::FileMetadata> read_metadata(int fd, const struct stat& status) {
  model::FileMetadata metadata{.mode = status.st_mode,
                               .uid = status.st_uid,
                               .gid = status.st_gid,
                               .atime_ns = to_ns(status.st_atim),
                               .mtime_ns = to_ns(status.st_mtim),
                               .device = status.st_rdev,
                               .xattrs = {}};
  const std::string path = fmt::format("/proc/self/fd/{}", fd);
  STASIS_ASSIGN(const auto names, sys::list_xattrs(path));
  for (const std::string& name : names) {
    STASIS_ASSIGN(auto value, sys::get_xattr(path, name));
    metadata.xattrs.emplace_back(name, std::move(value));
  }
  return metadata;
}

}  // namespace stasis::checkpoint
