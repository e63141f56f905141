// Regular files, directories, symbolic links (O_PATH), devices: opened by name again.
#include <fcntl.h>

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "sys/file.h"

namespace stasis::checkpoint {
namespace {

std::int64_t to_ns(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

constexpr std::uint64_t kMessageQueues = 0x19800202;  // MQUEUE_MAGIC of ipc/mqueue.c

bool is_device(mode_t mode) { return S_ISCHR(mode) || S_ISBLK(mode); }

// Whether the name leads to the same file. For devices the same device will do: another node of it
// is as good.
Result<bool> leads_to(const FileContext& context, const std::string& path,
                      const struct stat& wanted) {
  const auto found = sys::open_in_root(context.root.get(), path, O_PATH | O_NOFOLLOW);
  if (!found) return false;
  STASIS_ASSIGN(const auto status, sys::stat_fd(found->get()));
  if (is_device(wanted.st_mode)) {
    return (status.st_mode & S_IFMT) == (wanted.st_mode & S_IFMT) &&
           status.st_rdev == wanted.st_rdev;
  }
  return status.st_dev == wanted.st_dev && status.st_ino == wanted.st_ino;
}

// A file without any name is saved with its content.
Result<void> handle_lost_name(FileContext& context, std::uint32_t file,
                              model::PathFile& described) {
  const auto& found = context.files[file];
  const bool regular = S_ISREG(found.status.st_mode);
  if (regular && found.status.st_nlink == 0 && context.objects != nullptr) {
    const auto& link = std::get<proc::PathLink>(found.link);
    STASIS_ASSIGN(described.ghost, context.objects->ghost_of(found.fd.get(), link.path));
    return {};
  }
  if (std::get<proc::PathLink>(found.link).deleted) {
    const bool other_names = regular && found.status.st_nlink > 0;
    context.block(file,
                  fmt::format("'{}', which has been deleted{}", described.path,
                              other_names ? ", but has other names (hard links)" : ""),
                  "close it before the checkpoint");
  } else {
    context.block(file,
                  fmt::format("'{}', a name that leads to another file by now", described.path),
                  "unmount what covers it, or close it before the checkpoint");
  }
  return {};
}

Result<void> describe(FileContext& context, std::uint32_t file) {
  const auto& found = context.files[file];
  const auto& link = std::get<proc::PathLink>(found.link);
  model::PathFile described;
  described.path = context.path_in_container(link.path);
  described.type = found.status.st_mode & S_IFMT;
  described.mtime_ns = to_ns(found.status.st_mtim);
  if (S_ISREG(found.status.st_mode)) {
    described.size = static_cast<std::uint64_t>(found.status.st_size);
  }
  if (is_device(found.status.st_mode)) described.device = found.status.st_rdev;
  STASIS_ASSIGN(const bool same, leads_to(context, described.path, found.status));
  if (!same) STASIS_TRY(handle_lost_name(context, file, described));
  context.model_of(file).detail = std::move(described);
  return {};
}

}  // namespace

Result<void> collect_path_file(FileContext& context, std::uint32_t file) {
  const auto& found = context.files[file];
  STASIS_ASSIGN(const std::uint64_t file_system, sys::get_filesystem_type(found.fd.get()));
  if (file_system == kMessageQueues && S_ISREG(found.status.st_mode)) {
    context.block(
        file, fmt::format("a POSIX message queue, '{}'", std::get<proc::PathLink>(found.link).path),
        "have the program close and unlink it before the checkpoint");
    return {};
  }
  if (context.is_in_container(found.info.mount_id)) return describe(context, file);
  context.mark_outside(file, std::get<proc::PathLink>(found.link).path);
  return {};
}

// Files from outside become the restoring caller's standard descriptors; a device will do by name
// when the container has it too. The caller's input is init's alone.
Result<void> finish_outside_files(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    auto* outside = std::get_if<model::ExternalFile>(&context.model_of(file).detail);
    if (outside == nullptr) continue;
    const auto& found = context.files[file];
    const bool of_exec = found.origin == Origin::kExec;
    const bool device =
        is_device(found.status.st_mode) && std::holds_alternative<proc::PathLink>(found.link);
    if (device && (of_exec || !found.stdio)) {
      STASIS_TRY(describe(context, file));
    } else if (!found.stdio) {
      context.block(file, fmt::format("'{}', from outside of the container", outside->description),
                    "start the container without handing it this descriptor, or have the program "
                    "close it");
    } else if (!of_exec) {
      outside->stdio = *found.stdio;
    } else if ((context.model_of(file).flags & O_ACCMODE) == O_RDONLY) {
      context.block(file,
                    fmt::format("'{}', from outside of the container, as the input of a process "
                                "that exec brought in",
                                outside->description),
                    "end the process, or exec it with its input from a pipe or /dev/null");
    } else {
      outside->stdio = std::max(*found.stdio, 1);
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
