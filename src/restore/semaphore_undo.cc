#include "restore/semaphore_undo.h"

#include <algorithm>

namespace stasis::restore {
namespace {

constexpr std::int32_t kMaxValue = 32767;  // SEMVMX
// So that the value, changed by it one way or the other, stays in range.
constexpr std::int32_t kMostAtOnce = kMaxValue / 2;

// Changes a value by `change`, with `flags`, and back without: in the order that is in range.
std::vector<sembuf> there_and_back(std::uint32_t number, std::int32_t value, std::int32_t change,
                                   int flags) {
  const auto operation = [&](std::int32_t by, int with) {
    return sembuf{static_cast<unsigned short>(number), static_cast<short>(by),
                  static_cast<short>(with | IPC_NOWAIT)};
  };
  const auto there = operation(change, flags);
  const auto back = operation(-change, 0);
  const std::int32_t between = value + change;
  if (between >= 0 && between <= kMaxValue) return {there, back};
  return {back, there};
}

}  // namespace

std::vector<SemaphoreStep> plan_undo_steps(const model::Ipc& ipc) {
  std::vector<SemaphoreStep> steps;
  for (const model::SemaphoreUndo& undo : ipc.undo) {
    const model::SemaphoreSet& set = ipc.semaphores[undo.set];
    for (std::int32_t left = undo.adjustment; left != 0;) {
      const std::int32_t part = std::clamp(left, -kMostAtOnce, kMostAtOnce);
      steps.push_back({undo.process, static_cast<int>(set.permissions.id),
                       there_and_back(undo.number, set.values[undo.number], -part, SEM_UNDO)});
      left -= part;
    }
  }
  return steps;
}

std::vector<SemaphoreStep> plan_last_changes(const model::Ipc& ipc) {
  std::vector<SemaphoreStep> steps;
  for (const model::SemaphoreSet& set : ipc.semaphores) {
    for (std::uint32_t i = 0; i < set.last_pids.size(); ++i) {
      if (set.last_pids[i].value <= 0) continue;
      steps.push_back({set.last_pids[i], static_cast<int>(set.permissions.id),
                       there_and_back(i, set.values[i], 1, 0)});
    }
  }
  return steps;
}

}  // namespace stasis::restore
