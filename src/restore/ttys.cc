#include "restore/ttys.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <numeric>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "restore/fd_kinds.h"
#include "restore/reopened.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/terminal.h"
#include "sys/tty_queue.h"
#include "sys/tty_state.h"

namespace stasis::restore {
namespace {

std::string slave_path(const model::Tty& tty) { return fmt::format("/dev/pts/{}", tty.index); }

// A new pair gets the lowest free number: pairs with lower ones are made until it is the right one,
// and given back at the end.
Result<UniqueFd> open_master(const FileContext& context, std::uint32_t index,
                             std::vector<UniqueFd>& spare) {
  while (true) {
    STASIS_ASSIGN(auto master, sys::open_in_root(context.environment.root_fd, "/dev/pts/ptmx",
                                                 O_RDWR | O_NOCTTY));
    STASIS_ASSIGN(const auto got, sys::get_master_index(master.get()));
    if (got == index) return master;
    if (got > index) {
      return fail(ErrorKind::kConflict, "/dev/pts/{} is in use in the container", index);
    }
    spare.push_back(std::move(master));
  }
}

sys::TerminalSettings settings_of(const model::Terminal& terminal) {
  return {.iflag = terminal.iflag,
          .oflag = terminal.oflag,
          .cflag = terminal.cflag,
          .lflag = terminal.lflag,
          .line = terminal.line,
          .cc = terminal.cc,
          .ispeed = terminal.ispeed,
          .ospeed = terminal.ospeed};
}

// `fd`: either side.
Result<void> set_up(int fd, const model::Terminal& terminal) {
  STASIS_TRY(sys::set_terminal_settings(fd, settings_of(terminal)));
  return sys::set_window_size(
      fd, {terminal.rows, terminal.columns, terminal.x_pixels, terminal.y_pixels});
}

// `node`: the slave, O_PATH will do.
Result<void> set_up_node(int node, const model::Tty& tty) {
  const std::string self = fmt::format("/proc/self/fd/{}", node);
  STASIS_TRY(sys::set_owner_following(self, tty.uid, tty.gid));
  return sys::set_mode_at(sys::kCwd, self, tty.mode);
}

sys::TtyInput queued_input(const model::Tty& tty) {
  return {.data = tty.input, .lines = tty.input_lines};
}

Result<UniqueFd> open_slave(const FileContext& context, const model::Tty& tty, int flags) {
  return sys::open_in_root(context.environment.root_fd, slave_path(tty),
                           flags | O_NOCTTY | O_NOFOLLOW);
}

struct TtyFiles {
  std::optional<std::uint32_t> master;
  std::vector<std::uint32_t> slaves;
};

std::vector<TtyFiles> find_files(const FileContext& context) {
  std::vector<TtyFiles> files(context.container.ttys.size());
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto* tty = std::get_if<model::TtyFile>(&context.model_of(file).detail);
    if (tty == nullptr) continue;
    if (tty->role == model::TtyRole::kMaster) {
      files[tty->tty].master = file;
    } else {
      files[tty->tty].slaves.push_back(file);
    }
  }
  return files;
}

Result<void> open_pair(FileContext& context, const model::Tty& tty, const TtyFiles& files,
                       std::vector<UniqueFd>& spare) {
  STASIS_ASSIGN(auto master, open_master(context, tty.index, spare));
  STASIS_TRY(sys::set_master_state(master.get(), {.locked = false, .packet_mode = false}));
  STASIS_TRY(set_up(master.get(), tty.terminal));
  STASIS_ASSIGN(const UniqueFd node, sys::open_in_root(context.environment.root_fd, slave_path(tty),
                                                       O_PATH | O_NOFOLLOW));
  STASIS_TRY(set_up_node(node.get(), tty));
  // Opened once and closed, a slave tells the master that there is none any more.
  UniqueFd slave;
  if (!files.slaves.empty() || tty.slaves_closed) {
    STASIS_ASSIGN(slave, open_slave(context, tty, O_RDWR | O_NONBLOCK));
    STASIS_TRY(sys::insert_tty_input(slave.get(), queued_input(tty)));
  }
  for (const auto file : files.slaves) {
    const auto flags = static_cast<int>(context.model_of(file).flags);
    STASIS_ASSIGN(context.files[file], open_slave(context, tty, flags & (O_ACCMODE | O_NONBLOCK)));
    if (tty.exclusive) STASIS_TRY(sys::set_terminal_exclusive(context.files[file].get()));
  }
  STASIS_TRY(sys::insert_tty_output(master.get(), tty.output));
  STASIS_TRY(sys::set_master_state(master.get(), {tty.locked, tty.packet_mode}));
  // Without a file of its own the master closes here: the slaves have hung up again.
  if (files.master) context.files[*files.master] = std::move(master);
  return {};
}

// The caller's own terminal keeps its size and its owner.
Result<void> open_outside(FileContext& context, const model::Tty& tty, const TtyFiles& files) {
  const int terminal = context.environment.caller_terminal;
  if (terminal < 0) {
    return fail(ErrorKind::kInvalidArgument,
                "the container used a terminal of its caller: restore it from a terminal, with "
                "--shell-job");
  }
  STASIS_TRY(sys::set_terminal_settings(terminal, settings_of(tty.terminal)));
  for (const auto file : files.slaves) {
    STASIS_ASSIGN(context.files[file], reopen(terminal, context.model_of(file).flags));
  }
  return {};
}

Result<void> open_console(FileContext& context, const model::Tty& tty, const TtyFiles& files) {
  const int console = context.environment.console;
  if (console < 0) {
    return fail(ErrorKind::kInvalidArgument,
                "the container had a terminal: restore it with --console-socket, or from a "
                "terminal");
  }
  STASIS_TRY(set_up(console, tty.terminal));
  STASIS_TRY(set_up_node(console, tty));
  for (const auto file : files.slaves) {
    STASIS_ASSIGN(context.files[file], reopen(console, context.model_of(file).flags));
  }
  STASIS_TRY(sys::insert_tty_input(console, queued_input(tty)));
  if (tty.exclusive) STASIS_TRY(sys::set_terminal_exclusive(console));
  return {};
}

Result<void> open_tty(FileContext& context, const model::Tty& tty, const TtyFiles& files,
                      std::vector<UniqueFd>& spare) {
  if (tty.external) return open_outside(context, tty, files);
  if (tty.console) return open_console(context, tty, files);
  return open_pair(context, tty, files, spare);
}

}  // namespace

Result<void> open_ttys(FileContext& context) {
  const auto& ttys = context.container.ttys;
  const auto files = find_files(context);
  std::vector<std::uint32_t> order(ttys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return ttys[a].index < ttys[b].index; });
  std::vector<UniqueFd> spare;
  for (const auto tty : order) {
    auto opened = open_tty(context, ttys[tty], files[tty], spare);
    if (!opened) {
      return std::move(opened.error())
          .context(fmt::format("restoring terminal {}", slave_path(ttys[tty])));
    }
  }
  return {};
}

Result<void> add_controlling_tty(const model::Container& container, const model::Process& process,
                                 courier::SyscallBatch& batch) {
  if (!process.terminal) return {};
  // The session that owns a terminal from outside is outside too.
  if (container.ttys[process.terminal->tty].external) return {};
  for (const auto& entry : process.fds) {
    const auto* tty = std::get_if<model::TtyFile>(&container.open_files[entry.open_file].detail);
    if (tty == nullptr || tty->tty != process.terminal->tty) continue;
    if (tty->role == model::TtyRole::kMaster) continue;
    batch.describe(fmt::format("restoring the controlling terminal of pid {}", process.pid.value));
    batch.must(SYS_ioctl, entry.fd, TIOCSCTTY, 0);
    const auto group = batch.value(process.terminal->foreground_group.value);
    batch.must(SYS_ioctl, entry.fd, TIOCSPGRP, group);
    return {};
  }
  return fail(ErrorKind::kCorruptImage, "pid {} has a controlling terminal, but has it not open",
              process.pid.value);
}

}  // namespace stasis::restore
