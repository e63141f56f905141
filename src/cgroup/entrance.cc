#include "cgroup/entrance.h"

#include <algorithm>

#include <fcntl.h>

#include "base/parse.h"

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

Result<CgroupRecord> choose_subgroup(CgroupRecord record, const std::string& text) {
  const auto colon = text.find(':');
  const auto controllers = split(std::string_view(text).substr(0, colon), ',');
  std::string below = colon == text.npos ? text : text.substr(colon + 1);
  while (below.starts_with('/')) below.erase(0, 1);
  if (("/" + below + "/").find("/../") != std::string::npos) {
    return fail(ErrorKind::kInvalidArgument, "'{}' leads out of the container's cgroup", text);
  }
  bool found = below.empty();
  for (CgroupDirectory& one : record.directories) {
    const bool wanted =
        colon == text.npos || std::ranges::any_of(controllers, [&](const auto controller) {
          return std::ranges::find(one.controllers, controller) != one.controllers.end();
        });
    if (!wanted || below.empty()) continue;
    found = true;
    one.directory += "/" + below;
    one.path += "/" + below;
    if (sys::exists_at(sys::kCwd, one.directory)) continue;
    return fail(ErrorKind::kNotFound, "'{}': there is no cgroup '{}'", text, one.directory);
  }
  if (found) return record;
  return fail(ErrorKind::kNotFound, "'{}': no hierarchy has such a controller", text);
}

}  // namespace stasis::cgroup
