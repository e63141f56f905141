// Files by the number that their file system has for them: name_to_handle_at(2),
// open_by_handle_at(2) (Linux 2.6.39).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

struct FileHandle {
  std::int32_t type = 0;
  std::vector<std::uint8_t> bytes;
  bool operator==(const FileHandle&) const = default;
};

// As /proc/PID/fdinfo tells for inotify watches: with AT_HANDLE_FID (Linux 6.5), which identifies,
// but cannot always be opened. Does not follow symbolic links. Nothing where the file system has no
// handles (EOPNOTSUPP).
Result<std::optional<FileHandle>> get_file_handle(int dir_fd, const std::string& name);

// An O_PATH descriptor. `mount_fd`: anything open in the mount, not O_PATH. CAP_DAC_READ_SEARCH in
// the initial user namespace. ESTALE: no such file there. EOPNOTSUPP (kUnsupported): handles cannot
// be opened there (overlay filesystems).
Result<UniqueFd> open_by_handle(int mount_fd, const FileHandle& handle);

}  // namespace stasis::sys
