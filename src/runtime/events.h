// What a container uses, and that it runs out of memory, while it runs.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "cgroup/statistics.h"
#include "resctrl/statistics.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

struct ContainerStatistics {
  cgroup::Statistics cgroup;
  std::optional<resctrl::Statistics> resctrl;  // of a container that has groups there
};

struct EventHandlers {
  std::function<Result<void>(const ContainerStatistics&)> statistics;
  std::function<Result<void>()> out_of_memory;
};

// kConflict: the container is stopped.
Result<ContainerStatistics> read_container_statistics(const StateStore& store,
                                                      const std::string& id);
// Calls handlers.statistics after every `interval` (more than 0), and the other as it happens,
// until the container's first process has ended or one of them fails. kConflict: it is stopped
// already.
Result<void> watch_container(const StateStore& store, const std::string& id,
                             std::chrono::nanoseconds interval, const EventHandlers& handlers);

}  // namespace stasis::runtime
