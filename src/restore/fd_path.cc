#include <fcntl.h>

#include "restore/device.h"
#include "restore/fd_kinds.h"
#include "restore/reopened.h"
#include "sys/descriptor.h"
#include "sys/file.h"

namespace stasis::restore {
namespace {

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

// A position beyond the end is allowed when it was so at the checkpoint, and has no meaning for
// what is only appended to.
Result<void> check_length(std::uint64_t size, const model::OpenFile& file,
                          const model::PathFile& detail) {
  const auto position = static_cast<std::uint64_t>(file.position);
  const bool appends = (file.flags & O_ACCMODE) == O_WRONLY && (file.flags & O_APPEND) != 0;
  if (detail.type != S_IFREG || appends || position > detail.size || size >= position) return {};
  return fail(ErrorKind::kConflict,
              "'{}' had {} bytes at the checkpoint and has {} now, less than the position {} at "
              "which it was open; restore with the root filesystem of the checkpoint",
              detail.path, detail.size, size, position);
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
  return check_length(static_cast<std::uint64_t>(status.st_size), file, detail);
}

// A file without a name is made again with its content by others.
Result<UniqueFd> open_ghost(const FileContext& context, const model::OpenFile& file,
                            const model::PathFile& detail) {
  const auto* handles = context.environment.ghost_files;
  if (handles == nullptr || *detail.ghost >= handles->size()) {
    return fail(ErrorKind::kConflict, "'{}', which had been deleted, has not been restored",
                detail.path);
  }
  const int handle = (*handles)[*detail.ghost].get();
  // The one that made the file: F_GETFL tells.
  const bool made_it = (file.flags & O_TMPFILE) == O_TMPFILE && (file.flags & O_ACCMODE) == O_RDWR;
  if (!made_it) return reopen_at_position(handle, file).context(detail.path);
  STASIS_ASSIGN(UniqueFd fd, sys::dup_fd(handle));
  STASIS_TRY(sys::set_position(fd.get(), file.position).context(detail.path));
  return fd;
}

bool has_position(std::uint32_t type) { return S_ISREG(type) || S_ISDIR(type) || S_ISBLK(type); }

Result<UniqueFd> open_checked(const FileContext& context, int node, const struct stat& status,
                              std::uint32_t flags) {
  const bool is_device = S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
  if (!is_device || is_default_device(status.st_mode, status.st_rdev)) return reopen(node, flags);
  return open_device(node, flags, context.environment.init);
}

}  // namespace

Result<UniqueFd> open_path_file(const FileContext& context, const model::OpenFile& file,
                                const model::PathFile& detail) {
  if (detail.ghost) return open_ghost(context, file, detail);
  // First without side effects (a fifo would wait, a tape would rewind): what was found is checked,
  // and that very node is opened then. The kernel's name of an open file has no symbolic links.
  STASIS_ASSIGN(UniqueFd node,
                sys::open_in_root(context.environment.root_fd, detail.path, O_PATH | O_NOFOLLOW));
  STASIS_ASSIGN(const auto status, sys::stat_fd(node.get()));
  STASIS_TRY(check(status, file, detail));
  // Opening it by the kernel's link to it leaves O_NOFOLLOW out; a symbolic link always has it.
  const bool as_found = (file.flags & O_NOFOLLOW) != 0;
  if ((file.flags & O_PATH) != 0)
    return as_found ? std::move(node) : reopen(node.get(), file.flags);
  STASIS_ASSIGN(UniqueFd fd,
                open_checked(context, node.get(), status, file.flags).context(detail.path));
  if (file.position != 0 && has_position(status.st_mode)) {
    STASIS_TRY(sys::set_position(fd.get(), file.position).context(detail.path));
  }
  return fd;
}

}  // namespace stasis::restore
