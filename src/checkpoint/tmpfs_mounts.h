// Which tmpfs mounts are the container's own: their contents are part of it. Others come from
// outside (bind mounts of the host's) or never change (what the runtime mounts to mask paths).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "checkpoint/blocker.h"
#include "proc/mountinfo.h"
#include "proc/proc_dir.h"

namespace stasis::checkpoint {

// Destinations of the container's configuration, resolved inside the container.
struct ConfiguredMounts {
  std::vector<std::string> own;    // file systems made for the container: made again by a restore
  std::vector<std::string> bound;  // bind mounts: from outside
};

// A tmpfs mount whose contents are to be saved.
struct OwnTmpfs {
  std::string mount_point;
  UniqueFd tree;  // a detached copy, without what is mounted on it; reading moves no access times
};

// `init` tells the container's mounts. A tmpfs that a restore could not bring back is a blocker.
Result<std::vector<OwnTmpfs>> find_own_tmpfs(const proc::ProcDir& init,
                                             const ConfiguredMounts& configured,
                                             std::vector<Blocker>& blockers);

// The part that is pure. What is to become of a tmpfs mount.
enum class TmpfsFate {
  kSave,
  kLeave,         // not the container's, or the same after every start
  kMountedBySelf  // by a process of the container: a restore does not mount it
};
struct TmpfsFacts {
  std::vector<proc::Mount> outside;   // the mounts that the controller sees
  std::vector<std::int32_t> own_ids;  // mounts that configured destinations lead to
  std::vector<std::int32_t> bound_ids;
};
TmpfsFate decide_tmpfs(const proc::Mount& mount, const TmpfsFacts& facts);

}  // namespace stasis::checkpoint
