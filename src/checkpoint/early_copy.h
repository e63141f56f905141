// Copies the memory of a container's large processes while they run, so that the stop is short.
#pragma once

#include <map>
#include <optional>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "checkpoint/early_areas.h"
#include "image/writer.h"
#include "memory/pre_copy.h"

namespace stasis::checkpoint {

// When the flags of areas are read: see early_areas.h.
enum class AreaReading { kEarly, kInStop };

struct EarlyCopy {
  memory::PreCopy pages;
  std::map<HostPid, EarlyAreas> areas;  // of the processes in `pages`, with AreaReading::kEarly

  const EarlyAreas* areas_of(HostPid host) const;
};

// The leader of each large process stops for a moment to be given a userfaultfd. A process for
// which that fails (it ends meanwhile, it is traced, the kernel refuses) is left to the stop.
// Nothing when there is no process to copy early, or the container is paused: its stop disturbs
// nobody.
Result<std::optional<EarlyCopy>> copy_early(const cgroup::ContainerCgroup& cgroup,
                                            image::ImageWriter& image, AreaReading reading);

}  // namespace stasis::checkpoint
