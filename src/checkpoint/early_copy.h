// Copies the memory of a container's large processes while they run, so that the stop is short.
#pragma once

#include <optional>

#include "base/result.h"
#include "cgroup/container_cgroup.h"
#include "image/writer.h"
#include "memory/pre_copy.h"

namespace stasis::checkpoint {

// The leader of each large process stops for a moment to be given a userfaultfd. A process for which
// that fails (it ends meanwhile, it is traced, the kernel refuses) is left to the stop. Nothing when
// there is no process to copy early, or the container is paused: its stop disturbs nobody.
Result<std::optional<memory::PreCopy>> copy_early(const cgroup::ContainerCgroup& cgroup,
                                                  image::ImageWriter& image);

}  // namespace stasis::checkpoint
