#include "runtime/events.h"

#include <algorithm>
#include <array>
#include <optional>

#include <poll.h>

#include "base/log.h"
#include "cgroup/oom_watch.h"
#include "resctrl/group.h"
#include "runtime/container.h"

namespace stasis::runtime {
namespace {

using Clock = std::chrono::steady_clock;

struct Running {
  Container container;
  UniqueFd init;
};

Result<Running> open_running(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(Container container, Container::open(store, id, Access::kRead));
  auto init = container.init();
  if (!init) return fail(ErrorKind::kConflict, "container with id {} is not running", id);
  return Running{std::move(container), std::move(*init)};
}

// Machines without the memory controller still have the other figures.
std::optional<cgroup::OomWatch> watch_memory(const Container& container) {
  auto watch = cgroup::OomWatch::start(container.cgroup());
  if (watch) return std::move(*watch);
  log(LogLevel::kWarning, "ignored: running out of memory will not be seen: {}",
      watch.error().message());
  return std::nullopt;
}

int milliseconds_until(Clock::time_point when) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now());
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
}

// Until `when`, news of memory, or the end of the container; whether it has ended.
bool wait_until(Clock::time_point when, const UniqueFd& init,
                const std::optional<cgroup::OomWatch>& memory) {
  std::array<pollfd, 2> watched{
      pollfd{init.get(), POLLIN, 0},
      pollfd{memory ? memory->fd() : -1, memory ? memory->events() : short{0}, 0}};
  return ::poll(watched.data(), watched.size(), milliseconds_until(when)) > 0 &&
         watched[0].revents != 0;
}

Result<ContainerStatistics> read_statistics(const Container& container) {
  ContainerStatistics statistics;
  STASIS_ASSIGN(statistics.cgroup, cgroup::read_statistics(container.cgroup()));
  if (const auto& group = container.record().resctrl) {
    STASIS_ASSIGN(statistics.resctrl, resctrl::read_statistics(resctrl::kRoot, *group));
  }
  return statistics;
}

// Ends at the first error, which may be that the container ends at this very moment.
Result<void> watch(const Running& running, std::chrono::nanoseconds interval,
                   const EventHandlers& handlers) {
  auto memory = watch_memory(running.container);
  auto next = Clock::now() + interval;
  while (true) {
    const bool ended = wait_until(next, running.init, memory);
    // The news comes before the death that follows from it.
    if (memory) {
      STASIS_ASSIGN(const bool happened, memory->take());
      if (happened) STASIS_TRY(handlers.out_of_memory());
    }
    if (ended) return {};
    if (Clock::now() < next) continue;
    STASIS_ASSIGN(const auto statistics, read_statistics(running.container));
    STASIS_TRY(handlers.statistics(statistics));
    next = std::max(next + interval, Clock::now());
  }
}

}  // namespace

Result<ContainerStatistics> read_container_statistics(const StateStore& store,
                                                      const std::string& id) {
  STASIS_ASSIGN(const Running running, open_running(store, id));
  return read_statistics(running.container);
}

Result<void> watch_container(const StateStore& store, const std::string& id,
                             std::chrono::nanoseconds interval, const EventHandlers& handlers) {
  STASIS_ASSIGN(const Running running, open_running(store, id));
  auto watched = watch(running, interval, handlers);
  if (!watched && wait_until(Clock::now(), running.init, std::nullopt)) return {};
  return watched;
}

}  // namespace stasis::runtime
