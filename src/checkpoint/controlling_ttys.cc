// Which terminal a session has, and which process group is in its foreground.
#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "proc/stat.h"
#include "proc/status.h"

namespace stasis::checkpoint {
namespace {

constexpr std::uint32_t kSlaveMajor = 136;

// tty_nr of /proc/PID/stat: new_encode_dev() of linux/kdev_t.h.
std::optional<std::uint32_t> pty_index_of(std::uint32_t device) {
  if ((device & 0xfff00U) >> 8 != kSlaveMajor) return std::nullopt;
  return (device & 0xffU) | ((device >> 12) & 0xfff00U);
}

std::optional<std::uint32_t> find_tty(const model::Container& container, std::uint32_t index) {
  for (std::uint32_t tty = 0; tty < container.ttys.size(); ++tty) {
    if (container.ttys[tty].index == index) return tty;
  }
  return std::nullopt;
}

bool has_open(const model::Container& container, const model::Process& process, std::uint32_t tty) {
  for (const auto& entry : process.fds) {
    const auto* file = std::get_if<model::TtyFile>(&container.open_files[entry.open_file].detail);
    if (file != nullptr && file->tty == tty && file->role != model::TtyRole::kMaster) return true;
  }
  return false;
}

Result<void> describe(FileContext& context, model::Process& process, HostPid host) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(host));
  STASIS_ASSIGN(const auto stat, proc::read_stat(dir));
  const auto index = pty_index_of(static_cast<std::uint32_t>(stat.tty_nr));
  if (!index) return {};
  const auto tty = find_tty(context.container, *index);
  if (!tty || !has_open(context.container, process, *tty)) {
    STASIS_ASSIGN(const auto status, proc::read_status(dir));
    context.blockers.push_back({process.pid, status.name, "",
                                fmt::format("a session with the terminal /dev/pts/{}, which its "
                                            "leader has not open",
                                            *index),
                                "end the session, or have its leader keep the terminal open"});
    return {};
  }
  const auto group = context.group_to_ns(stat.tpgid);
  process.terminal = model::ControllingTerminal{*tty, group.value_or(process.pgid)};
  return {};
}

}  // namespace

Result<void> finish_controlling_ttys(FileContext& context) {
  for (auto& process : context.container.processes) {
    if (process.sid != process.pid || process.exit_status) continue;
    for (const auto& [host, pid] : context.processes) {
      if (pid == process.pid) STASIS_TRY(describe(context, process, host));
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
