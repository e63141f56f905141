// The cgroup of one container: a directory of the same name in every mounted hierarchy.
// Not here: getting in (cgroup/entrance.h), limits (cgroup/resources.h), device rules
// (cgroup/device_rules.h).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "cgroup/hierarchy.h"

namespace stasis::cgroup {

// The container's directory in one hierarchy.
struct CgroupDirectory {
  Version version = Version::kV1;
  std::vector<std::string> controllers;  // as in Hierarchy
  std::string directory;                 // "/sys/fs/cgroup/memory/x"
  std::string path;                      // from the hierarchy's root, as /proc/PID/cgroup has it
  bool operator==(const CgroupDirectory&) const = default;
};

// What the state file stores, and what open() needs.
struct CgroupRecord {
  std::vector<CgroupDirectory> directories;
  bool operator==(const CgroupRecord&) const = default;
};

// What becomes of a hierarchy in which a directory may not be made.
enum class Denied { kFail, kPassOver };

// EACCES, EPERM and EROFS: this process has no right to do so.
bool is_denied(const Error& error);

// A handle: copying it copies no kernel state, destroying it removes nothing. Every call works on
// the processes of sub-cgroups too, and those refuse (kInvalidArgument) a cgroup that this process
// is in itself which would otherwise freeze or kill it.
class ContainerCgroup {
 public:
  // What create() would make; makes nothing.
  static Result<CgroupRecord> plan(const std::vector<Hierarchy>& hierarchies,
                                   const std::string& path);
  // Makes `path` in every hierarchy: an absolute path from the hierarchy's root, a relative one
  // from this process's own cgroup (on pure v2 from the parent of that, because a cgroup with
  // processes cannot give controllers to its children). On failure nothing is left. kConflict:
  // there are processes in it already, or it is frozen. With kPassOver the record has only what
  // could be made, which may be nothing.
  static Result<ContainerCgroup> create(const std::vector<Hierarchy>& hierarchies,
                                        const std::string& path, Denied denied);
  static Result<ContainerCgroup> open(const CgroupRecord& record);

  const CgroupRecord& record() const { return record_; }
  // The directory of a controller ("memory", "name=systemd"); nullptr when it is not mounted here.
  const CgroupDirectory* find(std::string_view controller) const;
  const CgroupDirectory* find_v2() const;

  // All processes, sub-cgroups included; empty when the cgroup is gone. No particular order.
  Result<std::vector<HostPid>> processes() const;
  // For cgroup::Entrance, for a process that joins a container whose first process is `init`: where
  // the v2 cgroup takes no processes any more, as the container has given controllers to
  // sub-cgroups, the one of `init`.
  Result<CgroupRecord> record_beside(HostPid init) const;

  // Returns once all processes are frozen. kTimeout: some outlasted `limit`; thawed again.
  // Uses the v2 freezer where the container has a v2 directory, because tasks that it froze can be
  // ptraced; else the v1 freezer. kUnsupported: neither is here.
  Result<void> freeze(std::chrono::milliseconds limit) const;
  Result<void> thaw() const;
  // By either freezer, whoever froze it.
  Result<bool> frozen() const;

  // A signal to every process. They are frozen meanwhile where that is possible, so that none can
  // fork away from it; SIGKILL thaws them, whoever froze them.
  Result<void> signal_all(int signal) const;
  // SIGKILL to every process, thawed if need be; returns when none is left. kTimeout after 10 s.
  Result<void> kill_all() const;
  // Removes the directories, sub-cgroups too; what is gone already is fine.
  Result<void> remove() const;

  // The sub-cgroup of `pid` below the container's, "" at its top. kNotFound: it is not in here.
  Result<std::string> relative_path_of(HostPid pid) const;

 private:
  explicit ContainerCgroup(CgroupRecord record) : record_(std::move(record)) {}
  // The hierarchy whose membership counts: the one that can freeze, else the first.
  const CgroupDirectory* main_directory() const;
  Result<std::string> relative_path_of(HostPid pid, const CgroupDirectory& directory) const;
  Result<void> refuse_own() const;

  CgroupRecord record_;
};

}  // namespace stasis::cgroup
