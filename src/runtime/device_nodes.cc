#include "runtime/device_nodes.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/rootfs_paths.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/mounting.h"
#include "sys/node.h"
#include "sys/terminal.h"

namespace stasis::runtime {
namespace {

mode_t type_bits(const std::string& type) {
  if (type == "b") return S_IFBLK;
  if (type == "p") return S_IFIFO;
  return S_IFCHR;
}

// A node of the same path on the host, mounted over a plain file.
Result<void> bind_device(const oci::Device& device, int root_fd) {
  STASIS_ASSIGN(const UniqueFd source,
                sys::clone_mount(sys::kCwd, device.path, sys::Recursion::kThisMount));
  STASIS_ASSIGN(const UniqueFd target, open_or_make_own(root_fd, device.path, NodeType::kFile));
  return sys::attach_mount(source.get(), target.get());
}

Result<void> make_device(const oci::Device& device, int root_fd) {
  STASIS_ASSIGN(const ParentAndName at, open_parent(root_fd, device.path));
  const mode_t mode = device.file_mode.value_or(0666) & 07777U;
  const dev_t numbers =
      makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
  const auto made =
      sys::make_node_at(at.parent.get(), at.name, type_bits(device.type) | mode, numbers);
  if (!made && made.error().kind() == ErrorKind::kConflict) {
    // An image's own node is as good, when it is the same device.
    STASIS_ASSIGN(const struct stat st,
                  sys::stat_at(at.parent.get(), at.name, AT_SYMLINK_NOFOLLOW));
    const bool same = (st.st_mode & S_IFMT) == type_bits(device.type) &&
                      (device.type == "p" || st.st_rdev == numbers);
    if (same) return {};
  }
  STASIS_TRY(made);
  return sys::set_owner_at(at.parent.get(), at.name, device.uid, device.gid);
}

Result<void> make_symlinks(int root_fd) {
  static constexpr std::array<std::pair<const char*, const char*>, 5> kLinks{{
      {"/proc/self/fd", "/dev/fd"},
      {"/proc/self/fd/0", "/dev/stdin"},
      {"/proc/self/fd/1", "/dev/stdout"},
      {"/proc/self/fd/2", "/dev/stderr"},
      {"pts/ptmx", "/dev/ptmx"},
  }};
  for (const auto& [target, path] : kLinks) {
    STASIS_ASSIGN(const ParentAndName at, open_parent(root_fd, path));
    const auto made = sys::make_symlink_at(target, at.parent.get(), at.name);
    if (!made && made.error().kind() != ErrorKind::kConflict) return made;
  }
  return {};
}

// The container's own multiplexer. An image, or who is in the container, could have put anything at
// its path, and to open some devices is to use them: only what the devpts itself has is opened.
Result<UniqueFd> open_multiplexer(int root_fd) {
  STASIS_ASSIGN(const UniqueFd directory, open_if_exists(root_fd, "/dev/pts"));
  if (directory) {
    STASIS_ASSIGN(const auto type, sys::get_filesystem_type(directory.get()));
    if (type == sys::kDevptsType) {
      return sys::open_on_mount(directory.get(), "ptmx", O_RDWR | O_NOCTTY).context("/dev/pts");
    }
  }
  return fail(ErrorKind::kNotFound,
              "no pty multiplexer at /dev/pts/ptmx: mount a devpts at /dev/pts");
}

Result<void> use_as_stdio(int slave_fd) {
  for (int fd = 0; fd < 3; ++fd) STASIS_TRY(sys::duplicate_onto(slave_fd, fd));
  return {};
}

// The pty covers the container's own console and nothing that an image has a symlink to.
Result<UniqueFd> open_console(int root_fd) {
  static constexpr const char* kPath = "/dev/console";
  auto console = open_or_make_own(root_fd, kPath, NodeType::kFile);
  const bool is_symlink = !console && console.error().error_number() == ELOOP;
  if (!console && !is_symlink) return console;
  if (!is_symlink) {
    STASIS_ASSIGN(const struct stat st, sys::stat_fd(console->get()));
    if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)) return console;
  }
  return fail(ErrorKind::kInvalidArgument,
              "the root file system has {} at {}, where the terminal goes: remove it there, or "
              "mount a tmpfs at /dev",
              is_symlink ? "a symlink" : "neither a file nor a device", kPath);
}

Result<sys::Pty> prepare_pty(const TerminalRequest& request, int root_fd) {
  STASIS_ASSIGN(UniqueFd master, open_multiplexer(root_fd));
  STASIS_ASSIGN(sys::Pty pty, sys::open_pty(std::move(master)));
  if (request.size) {
    STASIS_TRY(sys::set_window_size(pty.master.get(),
                                    {.ws_row = static_cast<unsigned short>(request.size->height),
                                     .ws_col = static_cast<unsigned short>(request.size->width)}));
  }
  // The group stays: devpts gave it gid 5.
  STASIS_TRY(sys::set_owner(pty.slave.get(), request.uid, static_cast<gid_t>(-1)));
  return pty;
}

}  // namespace

Result<void> make_devices(const Environment& environment, int root_fd) {
  if (!environment.make_default_devices) return {};
  for (const oci::Device& device : environment.devices) {
    auto made =
        environment.user_namespace ? bind_device(device, root_fd) : make_device(device, root_fd);
    // A sandbox may forbid mknod; the host's node does as well.
    if (!made && made.error().error_number() == EPERM) made = bind_device(device, root_fd);
    STASIS_TRY(std::move(made).context(fmt::format("device '{}'", device.path)));
  }
  return make_symlinks(root_fd);
}

Result<Terminal> make_terminal(const TerminalRequest& request, int root_fd) {
  STASIS_ASSIGN(sys::Pty pty, prepare_pty(request, root_fd).context("making the terminal"));
  STASIS_TRY(sys::set_controlling_terminal(pty.slave.get()));
  STASIS_TRY(use_as_stdio(pty.slave.get()));
  return Terminal{std::move(pty.master), fmt::format("/dev/pts/{}", pty.index)};
}

Result<Terminal> make_console(const Environment& environment, int root_fd) {
  const TerminalRequest request{environment.console_size, environment.console_uid};
  STASIS_ASSIGN(sys::Pty pty, prepare_pty(request, root_fd).context("making the console"));
  STASIS_ASSIGN(const UniqueFd bound,
                sys::clone_mount(pty.slave.get(), "", sys::Recursion::kThisMount));
  STASIS_ASSIGN(const UniqueFd target, open_console(root_fd));
  STASIS_TRY(sys::attach_mount(bound.get(), target.get()).context("mounting /dev/console"));
  if (environment.console_use == ConsoleUse::kInit) {
    STASIS_TRY(sys::set_controlling_terminal(pty.slave.get()));
  }
  STASIS_TRY(use_as_stdio(pty.slave.get()));
  return Terminal{std::move(pty.master), fmt::format("/dev/pts/{}", pty.index)};
}

}  // namespace stasis::runtime
