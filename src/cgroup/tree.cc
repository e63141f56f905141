#include "cgroup/tree.h"

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

bool is_gone(const Error& error) {
  return error.error_number() == ENOENT || error.error_number() == ENODEV;
}

Result<std::vector<std::string>> children_of(const std::string& directory) {
  auto names = sys::list_directories(directory);
  if (!names) {
    if (is_gone(names.error())) return std::vector<std::string>{};
    return std::move(names.error());
  }
  for (std::string& name : *names) name = directory + "/" + name;
  return names;
}

Result<void> collect_processes(const std::string& directory, std::vector<HostPid>& into) {
  auto text = sys::read_file(directory + "/cgroup.procs");
  if (!text && !is_gone(text.error()) && text.error().error_number() != EOPNOTSUPP) {
    return std::move(text.error());
  }
  if (text) {
    STASIS_ASSIGN(const auto pids, parse_pids(*text));
    into.insert(into.end(), pids.begin(), pids.end());
  }
  STASIS_ASSIGN(const auto children, children_of(directory));
  for (const std::string& child : children) STASIS_TRY(collect_processes(child, into));
  return {};
}

Result<void> remove_before(const std::string& directory, Clock::time_point deadline) {
  for (milliseconds pause{1};; pause *= 2) {
    const auto removed = sys::unlink_at(sys::kCwd, directory, AT_REMOVEDIR);
    if (removed || is_gone(removed.error())) return {};
    if (removed.error().error_number() != EBUSY) return removed;
    STASIS_ASSIGN(const auto children, children_of(directory));
    for (const std::string& child : children) STASIS_TRY(remove_before(child, deadline));
    if (children.empty()) {
      if (Clock::now() >= deadline) return removed;
      std::this_thread::sleep_for(std::min(pause, milliseconds(50)));
    }
  }
}

}  // namespace

Result<std::vector<HostPid>> parse_pids(std::string_view text) {
  std::vector<HostPid> pids;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    const auto pid = parse_number<pid_t>(line);
    if (!pid || *pid < 0) {
      return fail(ErrorKind::kUnsupported, "cgroup.procs line {}: expected a pid, found '{}'",
                  number, line);
    }
    if (*pid != 0) pids.push_back(HostPid{*pid});
  }
  return pids;
}

Result<std::vector<HostPid>> read_tree_processes(const std::string& directory) {
  std::vector<HostPid> pids;
  STASIS_TRY(collect_processes(directory, pids));
  return pids;
}

Result<void> remove_tree(const std::string& directory) {
  return remove_before(directory, Clock::now() + std::chrono::seconds(2));
}

}  // namespace stasis::cgroup
