// Files by descriptor: open(2), openat2(2), read(2), pread(2), write(2), readlinkat(2), fstat(2)
// and friends. Every descriptor is close-on-exec from birth; EINTR is retried; short reads and
// writes are completed. No policy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

inline constexpr int kCwd = AT_FDCWD;

// openat(2). O_CLOEXEC is added. `mode` matters with O_CREAT or O_TMPFILE only.
Result<UniqueFd> open_at(int dir_fd, const std::string& path, int flags, mode_t mode = 0);
Result<UniqueFd> open(const std::string& path, int flags, mode_t mode = 0);

// openat2(2), Linux 5.6, with RESOLVE_IN_ROOT: `path` is resolved as if `root_fd` were "/",
// symlinks and ".." included. EAGAIN (a racing rename) is retried. Adds O_CLOEXEC.
Result<UniqueFd> open_in_root(int root_fd, const std::string& path, int flags, mode_t mode = 0);

// Reads until end of file or `limit` bytes; kUnsupported when there is more than `limit`.
Result<std::string> read_all(int fd, std::size_t limit = std::size_t{64} << 20);
Result<std::string> read_file_at(int dir_fd, const std::string& path);
Result<std::string> read_file(const std::string& path);

// One read(2): 0 at end of file.
Result<std::size_t> read_some(int fd, std::span<std::byte> into);
// Exactly `into.size()` bytes at `offset`, or kCorruptImage "unexpected end of file".
Result<void> pread_exact(int fd, std::span<std::byte> into, std::uint64_t offset);
// All of `bytes`.
Result<void> write_all(int fd, std::span<const std::byte> bytes);
Result<void> write_all(int fd, std::string_view text);
Result<void> pwrite_all(int fd, std::span<const std::byte> bytes, std::uint64_t offset);
// Opens an existing file for writing and writes `text` in a single write(2), as kernel control
// files need it.
Result<void> write_control_file_at(int dir_fd, const std::string& path, std::string_view text);
Result<void> write_control_file(const std::string& path, std::string_view text);

Result<std::string> read_link_at(int dir_fd, const std::string& path);
Result<struct stat> stat_fd(int fd);
// fstatat(2); `flags`: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH.
Result<struct stat> stat_at(int dir_fd, const std::string& path, int flags = 0);
// fstatfs(2): the f_type of statfs(2), as linux/magic.h names it.
Result<std::uint64_t> get_filesystem_type(int fd);
bool exists_at(int dir_fd, const std::string& path);

Result<void> make_dir_at(int dir_fd, const std::string& path, mode_t mode);
// mkdir -p: existing directories are fine; a component that is no directory is an error.
Result<void> make_dirs(const std::string& path, mode_t mode);
Result<void> unlink_at(int dir_fd, const std::string& path, int flags = 0);
// renameat2(2) with RENAME_NOREPLACE: kConflict when the new name exists.
Result<void> rename_no_replace(int dir_fd, const std::string& from, const std::string& to);

// Names in a directory without "." and "..", sorted. Does not move the offset of `dir_fd`.
Result<std::vector<std::string>> list_dir(int dir_fd);
Result<std::vector<std::string>> list_dir_at(int dir_fd, const std::string& path);
// Those of them that are directories themselves, not by a symlink.
Result<std::vector<std::string>> list_directories(const std::string& path);

Result<UniqueFd> dup_fd(int fd);
Result<void> set_file_size(int fd, std::uint64_t bytes);
Result<void> sync_fd(int fd);

struct PipeFds {
  UniqueFd read_end;
  UniqueFd write_end;
};
// pipe2(2) with O_CLOEXEC and `flags`.
Result<PipeFds> make_pipe(int flags = 0);

}  // namespace stasis::sys
