#include "cgroup/container_cgroup.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <thread>

#include <unistd.h>

#include "base/parse.h"
#include "base/rollback.h"
#include "cgroup/cpuset_v1.h"
#include "cgroup/freezer.h"
#include "cgroup/tree.h"
#include "cgroup/v2_controllers.h"
#include "sys/file.h"
#include "sys/signals.h"

namespace stasis::cgroup {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

std::string absolute_path(const Hierarchy& hierarchy, const std::string& path, bool only_v2) {
  if (path.starts_with('/')) return path;
  std::string base = hierarchy.own_path;
  // "No internal processes": a v2 cgroup with processes cannot enable controllers for children.
  if (only_v2 && base != "/") base = parent_of(base);
  return (base == "/" ? "" : base) + "/" + path;
}

enum class Made { kNow, kBefore };

// mkdir -p; what was made is undone on failure, outermost last.
Result<Made> make_directory(const std::string& mount_point, const std::string& directory,
                            Rollback& undo) {
  for (auto at = directory.find('/', mount_point.size() + 1);; at = directory.find('/', at + 1)) {
    const std::string prefix = directory.substr(0, at);
    const auto made = sys::make_dir_at(sys::kCwd, prefix, 0755);
    if (made) {
      undo.push([prefix] { static_cast<void>(sys::unlink_at(sys::kCwd, prefix, AT_REMOVEDIR)); });
    } else if (made.error().kind() != ErrorKind::kConflict) {
      return made.error();
    }
    if (at == directory.npos) return made ? Made::kNow : Made::kBefore;
  }
}

bool is_only_v2(const std::vector<Hierarchy>& hierarchies) {
  return std::ranges::all_of(hierarchies,
                             [](const Hierarchy& h) { return h.version == Version::kV2; });
}

// A process that has ended meanwhile is fine.
Result<void> signal_each(const std::vector<HostPid>& pids, int signal) {
  for (const HostPid pid : pids) {
    const auto sent = sys::kill(pid, signal);
    if (!sent && sent.error().kind() != ErrorKind::kTaskDied) return sent;
  }
  return {};
}

// cgroup.kill, Linux 5.14, reaches also what forks faster than processes can be listed. Whoever it
// does not reach is signalled one by one.
void kill_at_once(const CgroupDirectory* v2) {
  if (v2 == nullptr) return;
  static_cast<void>(sys::write_control_file(v2->directory + "/cgroup.kill", "1"));
}

// Long enough for all but processes in uninterruptible sleep, which do not fork either.
constexpr milliseconds kBriefFreeze{200};

bool path_is_clean(const std::string& path) {
  return !path.empty() && path != "/" && ("/" + path + "/").find("/../") == std::string::npos;
}

Result<Made> make_in_hierarchy(const Hierarchy& hierarchy, const std::string& directory,
                               bool only_v2, Rollback& undo) {
  STASIS_ASSIGN(
      const Made made,
      make_directory(hierarchy.mount_point, directory, undo).context("creating the cgroup"));
  if (hierarchy.has_controller("cpuset")) {
    STASIS_TRY(inherit_cpuset(hierarchy.mount_point, directory));
  }
  if (only_v2) STASIS_TRY(enable_v2_controllers(hierarchy, directory));
  return made;
}

Result<void> refuse_processes(const CgroupDirectory& one) {
  STASIS_ASSIGN(const auto pids, read_tree_processes(one.directory));
  if (pids.empty()) return {};
  return fail(ErrorKind::kConflict, "cgroup '{}' is not empty: it holds process {}", one.directory,
              pids.front().value);
}

}  // namespace

bool is_denied(const Error& error) {
  const int number = error.error_number();
  return number == EACCES || number == EPERM || number == EROFS;
}

Result<CgroupRecord> ContainerCgroup::plan(const std::vector<Hierarchy>& hierarchies,
                                           const std::string& path) {
  if (!path_is_clean(path)) {
    return fail(ErrorKind::kInvalidArgument, "cgroup path '{}' must name a cgroup below the root",
                path);
  }
  const bool only_v2 = is_only_v2(hierarchies);
  CgroupRecord record;
  for (const Hierarchy& hierarchy : hierarchies) {
    const std::string absolute = absolute_path(hierarchy, path, only_v2);
    record.directories.push_back(
        {hierarchy.version, hierarchy.controllers, hierarchy.directory_of(absolute), absolute});
  }
  return record;
}

Result<ContainerCgroup> ContainerCgroup::create(const std::vector<Hierarchy>& hierarchies,
                                                const std::string& path, Denied denied) {
  STASIS_ASSIGN(const CgroupRecord planned, plan(hierarchies, path));
  std::vector<Rollback> undo;
  CgroupRecord made;
  const bool only_v2 = is_only_v2(hierarchies);
  for (std::size_t i = 0; i < hierarchies.size(); ++i) {
    const CgroupDirectory& directory = planned.directories[i];
    Rollback undo_one;
    auto done = make_in_hierarchy(hierarchies[i], directory.directory, only_v2, undo_one);
    if (!done && denied == Denied::kPassOver && is_denied(done.error())) continue;
    STASIS_ASSIGN(const Made made_one, std::move(done));
    if (made_one == Made::kBefore) STASIS_TRY(refuse_processes(directory));
    undo.push_back(std::move(undo_one));
    made.directories.push_back(directory);
  }
  ContainerCgroup cgroup(std::move(made));
  STASIS_ASSIGN(const bool is_frozen, cgroup.frozen());
  if (is_frozen) return fail(ErrorKind::kConflict, "the container's cgroup is frozen");
  for (Rollback& one : undo) one.commit();
  return cgroup;
}

Result<ContainerCgroup> ContainerCgroup::open(const CgroupRecord& record) {
  return ContainerCgroup(record);
}

const CgroupDirectory* ContainerCgroup::find(std::string_view controller) const {
  for (const CgroupDirectory& one : record_.directories) {
    if (std::ranges::find(one.controllers, controller) != one.controllers.end()) return &one;
  }
  return nullptr;
}

const CgroupDirectory* ContainerCgroup::find_v2() const {
  for (const CgroupDirectory& one : record_.directories) {
    if (one.version == Version::kV2) return &one;
  }
  return nullptr;
}

const CgroupDirectory* ContainerCgroup::main_directory() const {
  const CgroupDirectory* v2 = find_v2();
  if (v2 != nullptr && has_freezer(Version::kV2, v2->directory)) return v2;
  if (const CgroupDirectory* v1 = find("freezer")) return v1;
  if (v2 != nullptr) return v2;
  return record_.directories.empty() ? nullptr : &record_.directories.front();
}

Result<std::vector<HostPid>> ContainerCgroup::processes() const {
  const CgroupDirectory* directory = main_directory();
  if (directory == nullptr) return std::vector<HostPid>{};
  return read_tree_processes(directory->directory);
}

Result<CgroupRecord> ContainerCgroup::record_beside(HostPid init) const {
  CgroupRecord beside = record_;
  for (CgroupDirectory& one : beside.directories) {
    if (one.version != Version::kV2) continue;
    STASIS_ASSIGN(const std::string given,
                  sys::read_file(one.directory + "/cgroup.subtree_control"));
    if (trim(given).empty()) continue;
    STASIS_ASSIGN(const std::string below, relative_path_of(init, one));
    one.directory += "/" + below;
    one.path += "/" + below;
  }
  return beside;
}

Result<void> ContainerCgroup::refuse_own() const {
  for (const CgroupDirectory& one : record_.directories) {
    STASIS_ASSIGN(const auto pids, read_tree_processes(one.directory));
    if (std::ranges::find(pids, HostPid{::getpid()}) != pids.end()) {
      return fail(ErrorKind::kInvalidArgument, "cgroup '{}' holds this very process",
                  one.directory);
    }
  }
  return {};
}

Result<void> ContainerCgroup::freeze(milliseconds limit) const {
  const CgroupDirectory* directory = main_directory();
  if (directory == nullptr) {
    return fail(ErrorKind::kUnsupported,
                "the container has no cgroup to freeze: without root's rights none could be made");
  }
  if (!has_freezer(directory->version, directory->directory)) {
    return fail(ErrorKind::kUnsupported,
                "the container has no cgroup with a freezer: mount the v1 freezer or cgroup v2");
  }
  STASIS_TRY(refuse_own());
  return freeze_and_wait(directory->version, directory->directory, limit);
}

Result<void> ContainerCgroup::thaw() const {
  for (const CgroupDirectory* one : {find_v2(), find("freezer")}) {
    if (one == nullptr || !has_freezer(one->version, one->directory)) continue;
    STASIS_TRY(request_thaw(one->version, one->directory));
  }
  return {};
}

Result<bool> ContainerCgroup::frozen() const {
  for (const CgroupDirectory* one : {find_v2(), find("freezer")}) {
    if (one == nullptr || !has_freezer(one->version, one->directory)) continue;
    STASIS_ASSIGN(const FreezerState state, read_freezer(one->version, one->directory));
    if (state != FreezerState::kThawed) return true;
  }
  return false;
}

Result<void> ContainerCgroup::signal_all(int signal) const {
  STASIS_TRY(refuse_own());
  STASIS_ASSIGN(const bool was_frozen, frozen());
  // A freezer that is not here, or too slow, leaves a race with fork; the signal matters more.
  const bool frozen_now = !was_frozen && freeze(kBriefFreeze).has_value();
  auto pids = processes();
  auto sent = pids ? signal_each(*pids, signal) : Result<void>(std::move(pids.error()));
  if (frozen_now || signal == SIGKILL) STASIS_TRY(thaw());
  return sent;
}

Result<void> ContainerCgroup::kill_all() const {
  STASIS_TRY(refuse_own());
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  for (milliseconds pause{1};; pause = std::min(pause * 2, milliseconds(20))) {
    STASIS_ASSIGN(const auto pids, processes());
    if (!pids.empty()) kill_at_once(find_v2());
    STASIS_TRY(signal_each(pids, SIGKILL));
    STASIS_TRY(thaw());  // a v1-frozen process dies only once it is thawed
    if (pids.empty()) return {};
    if (Clock::now() >= deadline) {
      return fail(ErrorKind::kTimeout, "{} processes of the container outlived SIGKILL by 10 s",
                  pids.size());
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<void> ContainerCgroup::remove() const {
  for (const CgroupDirectory& one : record_.directories) {
    STASIS_TRY(remove_tree(one.directory).context("removing the cgroup"));
  }
  return {};
}

Result<std::string> ContainerCgroup::relative_path_of(HostPid pid) const {
  const CgroupDirectory* directory = main_directory();
  if (directory == nullptr) return std::string();
  return relative_path_of(pid, *directory);
}

Result<std::string> ContainerCgroup::relative_path_of(HostPid pid,
                                                      const CgroupDirectory& directory) const {
  STASIS_ASSIGN(const std::string text, sys::read_file(fmt::format("/proc/{}/cgroup", pid.value)));
  STASIS_ASSIGN(const auto memberships, parse_memberships(text));
  for (const Membership& one : memberships) {
    if (one.controllers != directory.controllers) continue;
    const std::string_view path = one.path;
    if (path == directory.path) return std::string();
    if (path.starts_with(directory.path + "/")) {
      return std::string(path.substr(directory.path.size() + 1));
    }
  }
  return fail(ErrorKind::kNotFound, "pid {} is not in the container's cgroup '{}'", pid.value,
              directory.path);
}

}  // namespace stasis::cgroup
