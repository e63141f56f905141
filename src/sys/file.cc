#include "sys/file.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "sys/call.h"

namespace stasis::sys {

Result<UniqueFd> open_at(int dir_fd, const std::string& path, int flags, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir_fd, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return last_error("open '{}'", path);
  return UniqueFd(fd);
}

Result<UniqueFd> open(const std::string& path, int flags, mode_t mode) {
  return open_at(kCwd, path, flags, mode);
}

Result<UniqueFd> open_in_root(int root_fd, const std::string& path, int flags, mode_t mode) {
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof(how));
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EINTR && errno != EAGAIN) return last_error("open '{}' in the root", path);
  }
}

Result<std::size_t> read_some(int fd, std::span<std::byte> into) {
  const ssize_t got = retry([&] { return ::read(fd, into.data(), into.size()); });
  if (got < 0) return last_error("read {} bytes of fd {}", into.size(), fd);
  return static_cast<std::size_t>(got);
}

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string text;
  std::array<std::byte, 16384> buffer;
  while (true) {
    STASIS_ASSIGN(const std::size_t got, read_some(fd, buffer));
    if (got == 0) return text;
    if (text.size() + got > limit) {
      return fail(ErrorKind::kUnsupported, "read fd {}: more than {} bytes", fd, limit);
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
}

Result<std::string> read_file_at(int dir_fd, const std::string& path) {
  STASIS_ASSIGN(const UniqueFd fd, open_at(dir_fd, path, O_RDONLY));
  return read_all(fd.get()).context(path);
}

Result<std::string> read_file(const std::string& path) { return read_file_at(kCwd, path); }

Result<void> pread_exact(int fd, std::span<std::byte> into, std::uint64_t offset) {
  while (!into.empty()) {
    const ssize_t got =
        retry([&] { return ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset)); });
    if (got < 0) return last_error("pread {} bytes at {} of fd {}", into.size(), offset, fd);
    if (got == 0) return fail(ErrorKind::kCorruptImage, "unexpected end of file at {}", offset);
    into = into.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<void> write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (put < 0) return last_error("write {} bytes to fd {}", bytes.size(), fd);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> write_all(int fd, std::string_view text) {
  return write_all(fd, std::as_bytes(std::span(text)));
}

Result<void> pwrite_all(int fd, std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put =
        retry([&] { return ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (put < 0) return last_error("pwrite {} bytes at {} of fd {}", bytes.size(), offset, fd);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<void> write_control_file_at(int dir_fd, const std::string& path, std::string_view text) {
  STASIS_ASSIGN(const UniqueFd fd, open_at(dir_fd, path, O_WRONLY));
  const ssize_t put = retry([&] { return ::write(fd.get(), text.data(), text.size()); });
  if (put < 0) return last_error("write '{}' to '{}'", text, path);
  if (static_cast<std::size_t>(put) != text.size()) {
    return fail(ErrorKind::kKernel, "write '{}' to '{}': only {} bytes taken", text, path, put);
  }
  return {};
}

Result<void> write_control_file(const std::string& path, std::string_view text) {
  return write_control_file_at(kCwd, path, text);
}

Result<std::string> read_link_at(int dir_fd, const std::string& path) {
  std::string target(256, '\0');
  while (true) {
    const ssize_t got = ::readlinkat(dir_fd, path.c_str(), target.data(), target.size());
    if (got < 0) return last_error("readlink '{}'", path);
    if (static_cast<std::size_t>(got) < target.size()) {
      target.resize(static_cast<std::size_t>(got));
      return target;
    }
    target.resize(target.size() * 2);
  }
}

Result<struct stat> stat_fd(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return last_error("fstat fd {}", fd);
  return st;
}

Result<struct stat> stat_at(int dir_fd, const std::string& path, int flags) {
  struct stat st {};
  if (::fstatat(dir_fd, path.c_str(), &st, flags) != 0) return last_error("stat '{}'", path);
  return st;
}

Result<std::uint64_t> get_filesystem_type(int fd) {
  struct statfs status {};
  if (retry([&] { return ::fstatfs(fd, &status); }) != 0) return last_error("fstatfs fd {}", fd);
  return static_cast<std::uint64_t>(status.f_type);
}

bool exists_at(int dir_fd, const std::string& path) {
  struct stat st {};
  return ::fstatat(dir_fd, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<void> make_dir_at(int dir_fd, const std::string& path, mode_t mode) {
  if (::mkdirat(dir_fd, path.c_str(), mode) != 0) return last_error("mkdir '{}'", path);
  return {};
}

Result<void> make_dirs(const std::string& path, mode_t mode) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string prefix = path.substr(0, at);
    if (prefix.empty() || prefix == "/") continue;
    if (::mkdir(prefix.c_str(), mode) != 0 && errno != EEXIST) {
      return last_error("mkdir '{}'", prefix);
    }
  }
  STASIS_ASSIGN(const struct stat st, stat_at(kCwd, path));
  if (!S_ISDIR(st.st_mode)) return Error::from_errno(fmt::format("mkdir '{}'", path), ENOTDIR);
  return {};
}

Result<void> unlink_at(int dir_fd, const std::string& path, int flags) {
  if (::unlinkat(dir_fd, path.c_str(), flags) != 0) return last_error("unlink '{}'", path);
  return {};
}

Result<void> rename_no_replace(int dir_fd, const std::string& from, const std::string& to) {
  if (::renameat2(dir_fd, from.c_str(), dir_fd, to.c_str(), RENAME_NOREPLACE) != 0) {
    return last_error("rename '{}' to '{}'", from, to);
  }
  return {};
}

namespace {

// The kernel tells the type along with the name, on most file systems.
bool is_directory(DIR* dir, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  const auto st = stat_at(::dirfd(dir), entry.d_name, AT_SYMLINK_NOFOLLOW);
  return st && S_ISDIR(st->st_mode);
}

enum class Wanted { kAll, kDirectories };

Result<std::vector<std::string>> read_names(int dir_fd, const std::string& path, Wanted wanted) {
  STASIS_ASSIGN(UniqueFd fd, open_at(dir_fd, path, O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::fdopendir(fd.get()), ::closedir);
  if (!dir) return last_error("opendir '{}'", path);
  fd.release();
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    if (wanted == Wanted::kAll || is_directory(dir.get(), *entry)) names.emplace_back(name);
  }
  if (errno != 0) return last_error("readdir '{}'", path);
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<std::vector<std::string>> list_dir_at(int dir_fd, const std::string& path) {
  return read_names(dir_fd, path, Wanted::kAll);
}

Result<std::vector<std::string>> list_directories(const std::string& path) {
  return read_names(kCwd, path, Wanted::kDirectories);
}

Result<std::vector<std::string>> list_dir(int dir_fd) { return list_dir_at(dir_fd, "."); }

Result<UniqueFd> dup_fd(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return last_error("dup fd {}", fd);
  return UniqueFd(copy);
}

Result<void> set_file_size(int fd, std::uint64_t bytes) {
  if (retry([&] { return ::ftruncate(fd, static_cast<off_t>(bytes)); }) != 0) {
    return last_error("ftruncate fd {} to {} bytes", fd, bytes);
  }
  return {};
}

Result<void> sync_fd(int fd) {
  if (retry([&] { return ::fsync(fd); }) != 0) return last_error("fsync fd {}", fd);
  return {};
}

Result<PipeFds> make_pipe(int flags) {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), flags | O_CLOEXEC) != 0) return last_error("pipe2");
  return PipeFds{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

}  // namespace stasis::sys
