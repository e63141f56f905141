#include "sys/mounting.h"

#include <array>

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/call.h"
#include "sys/file.h"

namespace stasis::sys {
namespace {

static_assert(kDevptsType == DEVPTS_SUPER_MAGIC && kProcType == PROC_SUPER_MAGIC);

constexpr std::uint64_t kAccessTimeBits = MOUNT_ATTR__ATIME;

// "e tmpfs: Bad value for 'size'": what the file system says about the last failed call.
std::string kernel_explanation(int context_fd) {
  std::array<char, 512> text{};
  const ssize_t got = ::read(context_fd, text.data(), text.size() - 1);
  if (got <= 2) return {};
  std::string_view line(text.data() + 2, static_cast<std::size_t>(got) - 2);
  while (line.ends_with('\n')) line.remove_suffix(1);
  return fmt::format(" ({})", line);
}

Error context_error(int context_fd, int error_number, std::string what) {
  return Error::from_errno(what + kernel_explanation(context_fd), error_number);
}

Result<void> set_parameters(int context_fd, const std::string& what,
                            const std::vector<MountParameter>& parameters) {
  for (const auto& [key, value] : parameters) {
    const bool is_flag = value.empty();
    if (::fsconfig(context_fd, is_flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, key.c_str(),
                   is_flag ? nullptr : value.c_str(), 0) != 0) {
      return context_error(
          context_fd, errno,
          fmt::format("{}: option '{}{}{}'", what, key, is_flag ? "" : "=", value));
    }
  }
  return {};
}

Result<void> configure(int context_fd, const std::string& type, const std::string& source,
                       const std::vector<MountParameter>& parameters) {
  // File systems without a device take any source, and /proc/mounts shows it.
  if (!source.empty() &&
      ::fsconfig(context_fd, FSCONFIG_SET_STRING, "source", source.c_str(), 0) != 0) {
    return context_error(context_fd, errno, fmt::format("mount {}: source '{}'", type, source));
  }
  STASIS_TRY(set_parameters(context_fd, "mount " + type, parameters));
  if (::fsconfig(context_fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return context_error(context_fd, errno, fmt::format("mount {}", type));
  }
  return {};
}

}  // namespace

Result<UniqueFd> clone_mount(int dir_fd, const std::string& path, Recursion recursion) {
  const unsigned flags =
      static_cast<unsigned>(OPEN_TREE_CLONE) | static_cast<unsigned>(OPEN_TREE_CLOEXEC) |
      (recursion == Recursion::kWholeTree ? static_cast<unsigned>(AT_RECURSIVE) : 0U) |
      (path.empty() ? static_cast<unsigned>(AT_EMPTY_PATH) : 0U);
  const int fd = ::open_tree(dir_fd, path.c_str(), flags);
  if (fd < 0) return last_error("open_tree '{}'", path);
  return UniqueFd(fd);
}

Result<std::int32_t> get_mount_id(int fd) {
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0)
    return last_error("statx fd {}", fd);
  if ((status.stx_mask & STATX_MNT_ID) == 0) {
    return fail(ErrorKind::kUnsupported, "statx tells no mount: Linux 5.8 or later is needed");
  }
  return static_cast<std::int32_t>(status.stx_mnt_id);
}

Result<bool> is_mount_root(int fd) {
  struct statx status {};
  if (::statx(fd, "", AT_EMPTY_PATH, 0, &status) != 0) return last_error("statx fd {}", fd);
  return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Result<UniqueFd> open_on_mount(int dir_fd, const std::string& path, int flags) {
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
  const long fd =
      retry([&] { return ::syscall(SYS_openat2, dir_fd, path.c_str(), &how, sizeof(how)); });
  if (fd < 0) return last_error("open '{}' of the file system itself", path);
  return UniqueFd(static_cast<int>(fd));
}

Result<bool> is_read_only_mount(int fd) {
  struct statvfs facts {};
  if (::fstatvfs(fd, &facts) != 0) return last_error("fstatvfs fd {}", fd);
  return (facts.f_flag & ST_RDONLY) != 0;
}

Result<UniqueFd> make_mount(const std::string& type, const std::string& source,
                            const std::vector<MountParameter>& parameters,
                            std::uint64_t attributes) {
  const UniqueFd context(::fsopen(type.c_str(), FSOPEN_CLOEXEC));
  if (!context) return last_error("fsopen '{}'", type);
  STASIS_TRY(configure(context.get(), type, source, parameters));
  const int fd = ::fsmount(context.get(), FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes));
  if (fd < 0) return context_error(context.get(), errno, fmt::format("fsmount {}", type));
  return UniqueFd(fd);
}

Result<void> attach_mount(int mount_fd, int target_fd) {
  if (::move_mount(mount_fd, "", target_fd, "",
                   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
    return last_error("move_mount");
  }
  return {};
}

Result<void> set_mount_attributes(int fd, const MountAttributes& attributes, Recursion recursion) {
  struct mount_attr attr {};
  attr.attr_set = attributes.set;
  attr.attr_clr = attributes.clear;
  attr.propagation = attributes.propagation;
  if (((attr.attr_set | attr.attr_clr) & kAccessTimeBits) != 0) attr.attr_clr |= kAccessTimeBits;
  const int flags = AT_EMPTY_PATH | (recursion == Recursion::kWholeTree ? AT_RECURSIVE : 0);
  if (::mount_setattr(fd, "", static_cast<unsigned>(flags), &attr, sizeof(attr)) != 0) {
    return last_error("mount_setattr set {:#x} clear {:#x} propagation {:#x}", attr.attr_set,
                      attr.attr_clr, attr.propagation);
  }
  return {};
}

Result<void> set_mount_id_map(int mount_fd, int user_namespace_fd, Recursion recursion) {
  struct mount_attr attr {};
  attr.attr_set = MOUNT_ATTR_IDMAP;
  attr.userns_fd = static_cast<std::uint64_t>(user_namespace_fd);
  const int flags = AT_EMPTY_PATH | (recursion == Recursion::kWholeTree ? AT_RECURSIVE : 0);
  if (::mount_setattr(mount_fd, "", static_cast<unsigned>(flags), &attr, sizeof(attr)) != 0) {
    return last_error("mount_setattr MOUNT_ATTR_IDMAP");
  }
  return {};
}

Result<void> reconfigure_file_system(int target_fd, const std::vector<MountParameter>& parameters) {
  const UniqueFd context(::fspick(target_fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
  if (!context) return last_error("fspick");
  STASIS_TRY(set_parameters(context.get(), "remount", parameters));
  if (::fsconfig(context.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0) != 0) {
    return context_error(context.get(), errno, "remount");
  }
  return {};
}

Result<void> unmount(const std::string& path, int flags) {
  if (::umount2(path.c_str(), flags) != 0) return last_error("umount '{}'", path);
  return {};
}

Result<void> change_root_by_pivot(int root_fd) {
  STASIS_ASSIGN(const UniqueFd old_root, open("/", O_PATH | O_DIRECTORY));
  if (::fchdir(root_fd) != 0) return last_error("fchdir to the new root");
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return last_error("pivot_root");
  if (::fchdir(old_root.get()) != 0) return last_error("fchdir to the old root");
  // Nothing that is unmounted here may propagate to the host.
  STASIS_TRY(
      set_mount_attributes(old_root.get(), {.propagation = MS_SLAVE}, Recursion::kWholeTree));
  STASIS_TRY(unmount(".", MNT_DETACH));
  if (::chdir("/") != 0) return last_error("chdir '/'");
  return {};
}

Result<void> change_root_by_move(int root_fd) {
  STASIS_ASSIGN(const UniqueFd old_root, open("/", O_PATH | O_DIRECTORY));
  STASIS_TRY(attach_mount(root_fd, old_root.get()));
  if (::fchdir(root_fd) != 0) return last_error("fchdir to the new root");
  if (::chroot(".") != 0) return last_error("chroot '.'");
  if (::chdir("/") != 0) return last_error("chdir '/'");
  return {};
}

}  // namespace stasis::sys
