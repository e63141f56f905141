// Terminals: pty pairs inside of the container, its console (whose master is held outside), and,
// with --shell-job, the caller's own terminal.
//
// The numbers of /dev/pts/N are those of the devpts at /dev/pts of the container; a terminal of any
// other devpts is one from outside.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/terminal.h"
#include "sys/tty_queue.h"
#include "sys/tty_state.h"

namespace stasis::checkpoint {
namespace {

constexpr unsigned kSlaveMajor = 136;         // UNIX98_PTY_SLAVE_MAJOR
constexpr dev_t kMultiplexer = 0x502;         // /dev/ptmx
constexpr dev_t kCurrentTty = 0x500;          // /dev/tty
constexpr std::uint8_t kPlainDiscipline = 0;  // N_TTY

struct TtyUse {
  std::uint32_t index = 0;
  bool outside = false;                 // of a devpts outside
  std::optional<std::uint32_t> master;  // open files
  std::vector<std::uint32_t> slaves;    // and /dev/tty
};

// The superblock number of the container's devpts; 0: it has none.
dev_t find_devpts(const FileContext& context) {
  const auto* mount = proc::find_mount_of_path(context.mounts, "/dev/pts");
  if (mount == nullptr || mount->fs_type != "devpts") return 0;
  return ::makedev(mount->dev_major, mount->dev_minor);
}

class TtyFinisher {
 public:
  explicit TtyFinisher(FileContext& context) : context_(context), devpts_(find_devpts(context)) {}

  Result<void> run() {
    for (std::uint32_t file = 0; file < context_.files.size(); ++file) {
      if (!std::holds_alternative<model::TtyFile>(context_.model_of(file).detail)) continue;
      STASIS_TRY(enter(file));
    }
    for (const auto& [key, use] : uses_) STASIS_TRY(describe(use));
    return {};
  }

 private:
  Result<void> enter(std::uint32_t file);
  Result<void> describe(const TtyUse& use);
  Result<void> describe_settings(const TtyUse& use, model::Tty& tty);
  Result<void> describe_node(const TtyUse& use, model::Tty& tty);
  Result<void> describe_queues(const TtyUse& use, model::Tty& tty);
  Result<void> copy_queues(const TtyUse& use, int slave, model::Tty& tty);
  bool check_console(const TtyUse& use);
  void set_details(const TtyUse& use, std::uint32_t tty, bool console);

  FileContext& context_;
  dev_t devpts_;
  std::map<std::pair<bool, std::uint32_t>, TtyUse> uses_;  // by (outside, index)
  bool has_console_ = false;
};

Result<void> TtyFinisher::enter(std::uint32_t file) {
  const auto& found = context_.files[file];
  if (found.status.st_rdev == kMultiplexer) {
    STASIS_ASSIGN(const auto index, sys::get_master_index(found.fd.get()));
    if (!context_.is_in_container(found.info.mount_id)) {
      context_.block(file, "the master of a terminal from outside of the container",
                     "close it before the checkpoint");
      return {};
    }
    auto& use = uses_[{false, index}];
    use.index = index;
    use.master = file;
    return {};
  }
  const bool current = found.status.st_rdev == kCurrentTty;
  std::uint32_t index = ::minor(found.status.st_rdev);
  if (current) {
    const auto answer = sys::get_pty_index(found.fd.get());
    if (!answer || !*answer) {
      context_.block(file, "/dev/tty of a terminal that is no pty or has hung up",
                     "close it before the checkpoint");
      return {};
    }
    index = **answer;
  }
  const bool outside = !current && found.status.st_dev != devpts_;
  auto& use = uses_[{outside, index}];
  use.index = index;
  use.outside = outside;
  use.slaves.push_back(file);
  return {};
}

Result<void> TtyFinisher::describe_settings(const TtyUse& use, model::Tty& tty) {
  const auto file = use.master ? *use.master : use.slaves.front();
  const int fd = context_.files[file].fd.get();
  auto settings = sys::get_terminal_settings(fd);
  if (!settings && settings.error().error_number() == EIO) return {};  // it has hung up
  if (!settings) return std::move(settings.error());
  STASIS_ASSIGN(const auto size, sys::get_window_size(fd));
  tty.terminal = {.iflag = settings->iflag,
                  .oflag = settings->oflag,
                  .cflag = settings->cflag,
                  .lflag = settings->lflag,
                  .line = settings->line,
                  .cc = settings->cc,
                  .ispeed = settings->ispeed,
                  .ospeed = settings->ospeed,
                  .rows = size.ws_row,
                  .columns = size.ws_col,
                  .x_pixels = size.ws_xpixel,
                  .y_pixels = size.ws_ypixel};
  if (use.master) {
    STASIS_ASSIGN(const auto state, sys::get_master_state(fd));
    tty.locked = state.locked;
    tty.packet_mode = state.packet_mode;
  }
  for (const auto slave : use.slaves) {
    if (context_.files[slave].status.st_rdev == kCurrentTty) continue;
    STASIS_ASSIGN(tty.exclusive, sys::is_terminal_exclusive(context_.files[slave].fd.get()));
    break;
  }
  return {};
}

Result<void> TtyFinisher::describe_node(const TtyUse& use, model::Tty& tty) {
  if (use.outside) return {};
  const auto node = sys::open_in_root(context_.root.get(), fmt::format("/dev/pts/{}", use.index),
                                      O_PATH | O_NOFOLLOW);
  if (!node) return {};  // it goes with the master
  STASIS_ASSIGN(const auto status, sys::stat_fd(node->get()));
  tty.uid = status.st_uid;
  tty.gid = status.st_gid;
  tty.mode = status.st_mode & 07777U;
  return {};
}

// What is on its way through a pair. Of the console only the input, and only when nobody goes on
// typing there: what has been printed there is outside already.
Result<void> TtyFinisher::describe_queues(const TtyUse& use, model::Tty& tty) {
  if (use.outside || tty.locked) return {};
  if (!use.master && !context_.options.processes_end) return {};
  if (use.master && use.slaves.empty()) {
    const int master = context_.files[*use.master].fd.get();
    STASIS_ASSIGN(const short events, sys::poll_now(master, 0));
    tty.slaves_closed = (events & POLLHUP) != 0;
    return copy_queues(use, -1, tty);
  }
  STASIS_ASSIGN(const UniqueFd slave,
                sys::open_in_root(context_.root.get(), fmt::format("/dev/pts/{}", use.index),
                                  O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK));
  return copy_queues(use, slave.get(), tty);
}

// `slave`: -1 when the container has none open.
Result<void> TtyFinisher::copy_queues(const TtyUse& use, int slave, model::Tty& tty) {
  const auto file = use.master ? *use.master : use.slaves.front();
  const auto block = [&](std::string_view why, std::string advice) {
    context_.block(file, fmt::format("terminal /dev/pts/{} {}", use.index, why), std::move(advice));
    return Result<void>();
  };
  const int any = slave >= 0 ? slave : context_.files[*use.master].fd.get();
  if (tty.terminal.line != kPlainDiscipline) {
    return block("with a line discipline of its own", "end the program that has set it");
  }
  STASIS_ASSIGN(const bool allowed, sys::may_insert_input(any));
  if (!allowed) {
    return block("with bytes that may be under way",
                 "looking at them needs CAP_SYS_ADMIN in the host's user namespace");
  }
  if (tty.packet_mode) {
    STASIS_ASSIGN(const int bytes, sys::get_readable_bytes(any));
    STASIS_ASSIGN(const int output, sys::get_readable_bytes(context_.files[*use.master].fd.get()));
    if (bytes + output == 0) return {};
    return block("in packet mode with bytes that were not read yet", "try again in a moment");
  }
  if (slave >= 0) {
    auto input = sys::copy_tty_input(slave);
    if (!input && input.error().kind() == ErrorKind::kUnsupported) {
      return block("with " + input.error().message(), "try again in a moment");
    }
    if (!input) return std::move(input.error());
    tty.input = std::move(input->data);
    tty.input_lines = std::move(input->lines);
  }
  if (!use.master) return {};
  auto output = sys::copy_tty_output(context_.files[*use.master].fd.get());
  if (!output && output.error().kind() == ErrorKind::kUnsupported) {
    return block("with " + output.error().message(), "try again in a moment");
  }
  if (!output) return std::move(output.error());
  tty.output = std::move(*output);
  return {};
}

// Says whether the console can be restored.
bool TtyFinisher::check_console(const TtyUse& use) {
  const auto file = use.slaves.front();
  if (use.outside && !context_.options.shell_job) {
    context_.block(file, "a terminal from outside of the container", "use --shell-job");
    return false;
  }
  const bool of_exec = !use.outside && std::ranges::all_of(use.slaves, [&](std::uint32_t slave) {
    return context_.files[slave].origin == Origin::kExec;
  });
  if (has_console_ || of_exec) {
    context_.block(file,
                   "a terminal of an exec session: its other side is outside of the container",
                   "end the exec session that has it before the checkpoint");
    return false;
  }
  return true;
}

void TtyFinisher::set_details(const TtyUse& use, std::uint32_t tty, bool console) {
  if (use.master) {
    context_.model_of(*use.master).detail = model::TtyFile{tty, model::TtyRole::kMaster};
  }
  for (const auto slave : use.slaves) {
    const bool current = context_.files[slave].status.st_rdev == kCurrentTty;
    const auto role = current   ? model::TtyRole::kCurrentTty
                      : console ? model::TtyRole::kConsole
                                : model::TtyRole::kSlave;
    context_.model_of(slave).detail = model::TtyFile{tty, role};
  }
}

Result<void> TtyFinisher::describe(const TtyUse& use) {
  bool deleted = false;
  for (const auto slave : use.slaves) {
    const auto* link = std::get_if<proc::PathLink>(&context_.files[slave].link);
    if (link != nullptr && link->deleted) deleted = true;
  }
  const bool console = !use.master && !deleted;
  if (console && !check_console(use)) return {};
  has_console_ = has_console_ || console;
  model::Tty tty;
  tty.index = use.index;
  tty.console = console;
  tty.external = use.outside;
  STASIS_TRY(describe_settings(use, tty).context(fmt::format("terminal /dev/pts/{}", use.index)));
  STASIS_TRY(describe_node(use, tty));
  if (use.master || console) {
    STASIS_TRY(describe_queues(use, tty).context(fmt::format("terminal /dev/pts/{}", use.index)));
  }
  const auto index = static_cast<std::uint32_t>(context_.container.ttys.size());
  context_.container.ttys.push_back(tty);
  set_details(use, index, console);
  return {};
}

}  // namespace

bool is_tty_device(const struct stat& status) {
  if (!S_ISCHR(status.st_mode)) return false;
  return ::major(status.st_rdev) == kSlaveMajor || status.st_rdev == kMultiplexer ||
         status.st_rdev == kCurrentTty;
}

Result<void> collect_tty(FileContext& context, std::uint32_t file) {
  if ((context.model_of(file).flags & O_PATH) != 0) return collect_path_file(context, file);
  context.model_of(file).detail = model::TtyFile{};
  return {};
}

Result<void> finish_ttys(FileContext& context) { return TtyFinisher(context).run(); }

}  // namespace stasis::checkpoint
