#include <fcntl.h>

#include "restore/fd_kinds.h"
#include "sys/descriptor.h"
#include "sys/file.h"

namespace stasis::restore {
namespace {

// What only mattered when the file was first opened. O_TMPFILE without O_DIRECTORY is the kernel's
// own bit for a file that got its name later.
constexpr std::uint32_t kOnceOnly = O_CREAT | O_EXCL | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
constexpr std::uint32_t kTypeMask = S_IFMT;

std::string_view name_of_type(std::uint32_t type) {
  switch (type & kTypeMask) {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFCHR:
      return "a character device";
    case S_IFBLK:
      return "a block device";
    case S_IFLNK:
      return "a symbolic link";
    case S_IFSOCK:
      return "a socket";
    case S_IFIFO:
      return "a fifo";
    default:
      return "a file of an unknown type";
  }
}

Result<void> check(const struct stat& status, const model::OpenFile& file,
                   const model::PathFile& detail) {
  if ((status.st_mode & kTypeMask) != detail.type) {
    return fail(ErrorKind::kConflict, "'{}' was {} at the checkpoint and is {} now", detail.path,
                name_of_type(detail.type), name_of_type(status.st_mode));
  }
  if (detail.device != 0 && status.st_rdev != detail.device) {
    return fail(ErrorKind::kConflict, "'{}' was device {:#x} at the checkpoint and is {:#x} now",
                detail.path, detail.device, status.st_rdev);
  }
  const auto position = static_cast<std::uint64_t>(file.position);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (S_ISREG(status.st_mode) && position <= detail.size && size < position) {
    return fail(ErrorKind::kConflict,
                "'{}' had {} bytes at the checkpoint and has {} now, less than the position {} of "
                "its reader; restore with the root filesystem of the checkpoint",
                detail.path, detail.size, size, position);
  }
  return {};
}

bool has_position(const struct stat& status) {
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode);
}

}  // namespace

Result<UniqueFd> open_path_file(const FileContext& context, const model::OpenFile& file,
                                const model::PathFile& detail) {
  // The kernel's name of an open file has no symbolic links in it.
  const std::uint32_t flags = (file.flags & O_PATH) != 0 ? file.flags & (O_PATH | O_DIRECTORY)
                                                         : (file.flags & ~kOnceOnly) | O_NOCTTY;
  STASIS_ASSIGN(UniqueFd fd, sys::open_in_root(context.sources.root, detail.path,
                                               static_cast<int>(flags | O_NOFOLLOW)));
  STASIS_ASSIGN(const auto status, sys::stat_fd(fd.get()));
  STASIS_TRY(check(status, file, detail));
  if ((file.flags & O_PATH) == 0 && has_position(status) && file.position != 0) {
    STASIS_TRY(sys::set_position(fd.get(), file.position).context(detail.path));
  }
  return fd;
}

}  // namespace stasis::restore
