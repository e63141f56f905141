// Gives a file its owner, mode, extended attributes and times.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/filesystem.h"

namespace stasis::restore {

// All but the times, which whatever happens to the file later would change. `name` in `dir_fd` is
// not followed when it is a symbolic link. Attributes that this kernel does not have go to
// `warnings`.
Result<void> apply_attributes(int dir_fd, const std::string& name,
                              const model::FileMetadata& metadata,
                              std::vector<std::string>& warnings);
// Of the file that `fd` (O_PATH will do) refers to. `shown` names it in warnings.
Result<void> apply_xattrs(int fd, const std::string& shown, const model::FileMetadata& metadata,
                          std::vector<std::string>& warnings);

// Keeps the times of a directory in which files are made and removed: they are put back at the end,
// quietly.
class KeptTimes {
 public:
  // `dir_fd` is borrowed; O_PATH will do.
  static Result<KeptTimes> of(int dir_fd);
  KeptTimes(KeptTimes&& other) noexcept;
  KeptTimes& operator=(KeptTimes&&) = delete;
  ~KeptTimes();

 private:
  KeptTimes(int dir_fd, std::int64_t atime_ns, std::int64_t mtime_ns)
      : dir_fd_(dir_fd), atime_ns_(atime_ns), mtime_ns_(mtime_ns) {}
  int dir_fd_;
  std::int64_t atime_ns_, mtime_ns_;
};

}  // namespace stasis::restore
