#include <limits>

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

constexpr std::uint16_t kMaxSemaphore = 32767;  // SEMVMX

Result<void> check_segment(const model::ShmSegment& segment, const Bounds& bounds) {
  return check_index(std::uint64_t{segment.shared_memory}, bounds.container.shared_memory.size(),
                     "shared memory");
}

Result<void> check_semaphores(const model::SemaphoreSet& set, const Bounds&) {
  if (set.values.empty()) return broken("no semaphores in it");
  for (const std::uint16_t value : set.values) {
    if (value > kMaxSemaphore) return broken("a semaphore of value {}", value);
  }
  if (set.last_pids.empty() || set.last_pids.size() == set.values.size()) return {};
  return broken("{} pids of {} semaphores", set.last_pids.size(), set.values.size());
}

Result<void> check_undo(const model::SemaphoreUndo& undo, const Bounds& bounds) {
  const auto& sets = bounds.container.ipc.semaphores;
  STASIS_TRY(check_index(std::uint64_t{undo.set}, sets.size(), "semaphore set"));
  STASIS_TRY(check_index(std::uint64_t{undo.number}, sets[undo.set].values.size(), "semaphore"));
  if (undo.adjustment == 0 || undo.adjustment < std::numeric_limits<std::int16_t>::min() ||
      undo.adjustment > std::numeric_limits<std::int16_t>::max()) {
    return broken("an adjustment of {}", undo.adjustment);
  }
  return {};
}

Result<void> check_queue(const model::MessageQueue& queue, const Bounds&) {
  for (const model::IpcMessage& message : queue.messages) {
    if (message.type < 1) return broken("a message of type {}", message.type);
  }
  return {};
}

}  // namespace

Result<void> check_ipc(const model::Ipc& ipc, const Bounds& bounds) {
  STASIS_TRY(check_all(ipc.segments, "SysV segment", bounds, check_segment));
  STASIS_TRY(check_all(ipc.semaphores, "semaphore set", bounds, check_semaphores));
  STASIS_TRY(check_all(ipc.undo, "semaphore adjustment", bounds, check_undo));
  return check_all(ipc.queues, "message queue", bounds, check_queue);
}

}  // namespace stasis::image
