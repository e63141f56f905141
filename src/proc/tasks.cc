#include "proc/tasks.h"

#include <fcntl.h>
#include <algorithm>

#include "proc/fields.h"
#include "sys/file.h"

namespace stasis::proc {
namespace {

// The entries of `directory` that are numbers.
Result<std::vector<HostPid>> list_numbers(const ProcDir& dir, const std::string& directory) {
  STASIS_ASSIGN(const auto names, dir.list(directory));
  std::vector<HostPid> pids;
  for (const auto& name : names) {
    if (const auto pid = parse_number<pid_t>(name)) pids.push_back(HostPid{*pid});
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

}  // namespace

Result<ProcDir> open_proc() {
  STASIS_ASSIGN(auto fd, sys::open("/proc", O_RDONLY | O_DIRECTORY));
  return ProcDir::from_fd(std::move(fd), "/proc");
}

Result<std::vector<HostPid>> list_processes(const ProcDir& proc) { return list_numbers(proc, "."); }

Result<std::vector<HostPid>> list_threads(const ProcDir& dir) { return list_numbers(dir, "task"); }

Result<std::vector<HostPid>> parse_children(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<pid_t> pids;
  STASIS_TRY(Fields("children", 1, text).numbers("pid", pids).done());
  std::vector<HostPid> children;
  for (const pid_t pid : pids) children.push_back(HostPid{pid});
  return children;
}

Result<std::vector<HostPid>> read_children(const ProcDir& task) {
  STASIS_ASSIGN(const auto text, task.read("children"));
  return parse_children(text).context(task.name());
}

}  // namespace stasis::proc
