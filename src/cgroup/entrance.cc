#include "cgroup/entrance.h"

#include <fcntl.h>

#include "sys/file.h"

namespace stasis::cgroup {

Result<Entrance> Entrance::open(const CgroupRecord& record) {
  Entrance entrance;
  for (const CgroupDirectory& one : record.directories) {
    if (one.version == Version::kV2) {
      STASIS_ASSIGN(entrance.v2_directory_, sys::open(one.directory, O_PATH | O_DIRECTORY));
      continue;
    }
    STASIS_ASSIGN(UniqueFd tasks, sys::open(one.directory + "/tasks", O_WRONLY));
    entrance.v1_tasks_.push_back({std::move(tasks), one.directory});
  }
  return entrance;
}

Result<void> Entrance::enter_v1() const {
  for (const Tasks& one : v1_tasks_) {
    STASIS_TRY(sys::write_all(one.fd.get(), "0")
                   .context(fmt::format("joining the cgroup '{}'", one.directory)));
  }
  return {};
}

}  // namespace stasis::cgroup
