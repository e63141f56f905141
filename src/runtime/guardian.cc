#include "runtime/guardian.h"

#include <csignal>

#include <unistd.h>

#include "base/parse.h"
#include "resctrl/group.h"
#include "runtime/state_store.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

// Lines on the pipe. Paths hold no newline: ids and cgroup mounts are checked, --root is the
// user's.
constexpr std::string_view kReservedState = "reserved-state ";
constexpr std::string_view kState = "state ";
constexpr std::string_view kFile = "file ";
constexpr std::string_view kCgroup = "cgroup ";
constexpr std::string_view kClass = "resctrl-class ";
constexpr std::string_view kSharedClass = "resctrl-shared-class ";
constexpr std::string_view kMonitor = "resctrl-monitor ";
constexpr std::string_view kDone = "done";

// What follows `key` on its line; "" when there is none.
std::string value_of(std::string_view lines, std::string_view key) {
  for (const auto line : split_lines(lines)) {
    if (line.starts_with(key)) return std::string(line.substr(key.size()));
  }
  return "";
}

void remove_resctrl(std::string_view lines) {
  oci::ResctrlGroup group{.directory = value_of(lines, kClass),
                          .monitor = value_of(lines, kMonitor)};
  if (group.directory.empty()) {
    group.directory = value_of(lines, kSharedClass);
    group.shared = true;
  }
  group.made = !group.directory.empty();
  static_cast<void>(resctrl::remove_group(group));
}

void clean_up(std::string_view lines) {
  cgroup::CgroupRecord record;
  for (const auto line : split_lines(lines)) {
    if (!line.starts_with(kCgroup)) continue;
    const std::string directory(line.substr(kCgroup.size()));
    const bool v2 = sys::exists_at(sys::kCwd, directory + "/cgroup.freeze");
    record.directories.push_back(
        {v2 ? cgroup::Version::kV2 : cgroup::Version::kV1, {}, directory, ""});
  }
  if (const auto group = cgroup::ContainerCgroup::open(record)) {
    static_cast<void>(group->kill_all());
    static_cast<void>(group->remove());
  }
  remove_resctrl(lines);
  for (const auto line : split_lines(lines)) {
    if (line.starts_with(kFile)) {
      const std::string path(line.substr(kFile.size()));
      static_cast<void>(sys::unlink_at(sys::kCwd, path));
    }
    if (line.starts_with(kReservedState)) {
      remove_abandoned_state(std::string(line.substr(kReservedState.size())));
    }
    if (line.starts_with(kState)) remove_state_quietly(std::string(line.substr(kState.size())));
  }
}

[[noreturn]] void guard(int pipe) {
  // A signal to the caller's process group must not take the guardian along.
  sigset_t all{};
  sigfillset(&all);
  static_cast<void>(sys::set_signal_mask(all));
  static_cast<void>(sys::set_sid());
  const auto lines = sys::read_all(pipe);
  if (lines && !std::string_view(*lines).ends_with("done\n")) clean_up(*lines);
  ::_exit(0);
}

Result<void> tell(const UniqueFd& pipe, std::string_view what, std::string_view value) {
  return sys::write_all(pipe.get(), fmt::format("{}{}\n", what, value));
}

}  // namespace

Result<Guardian> Guardian::start() {
  STASIS_ASSIGN(sys::PipeFds pipe, sys::make_pipe());
  STASIS_ASSIGN(const HostPid pid, sys::clone_process(0));
  if (pid.value == 0) {
    pipe.write_end.reset();
    guard(pipe.read_end.get());
  }
  return Guardian(std::move(pipe.write_end));
}

Result<void> Guardian::reserve_state(const std::string& path) const {
  return tell(pipe_, kReservedState, path);
}

Result<void> Guardian::watch_state(const std::string& path) const {
  return tell(pipe_, kState, path);
}

Result<void> Guardian::watch_file(const std::string& path) const {
  return tell(pipe_, kFile, path);
}

Result<void> Guardian::reserve_cgroup(const cgroup::CgroupRecord& record) const {
  for (const auto& one : record.directories) {
    if (sys::exists_at(sys::kCwd, one.directory)) continue;
    STASIS_TRY(tell(pipe_, kCgroup, one.directory));
  }
  return {};
}

Result<void> Guardian::watch_cgroup(const cgroup::CgroupRecord& record) const {
  for (const auto& one : record.directories) STASIS_TRY(tell(pipe_, kCgroup, one.directory));
  return {};
}

Result<void> Guardian::reserve_resctrl(const oci::ResctrlGroup& group) const {
  if (group.made) {
    STASIS_TRY(tell(pipe_, group.shared ? kSharedClass : kClass, group.directory));
  }
  if (group.monitor.empty()) return {};
  return tell(pipe_, kMonitor, group.monitor);
}

void Guardian::dismiss() {
  if (!pipe_) return;
  static_cast<void>(tell(pipe_, kDone, ""));
  pipe_.reset();
}

}  // namespace stasis::runtime
