#include <sys/prctl.h>
#include <sys/syscall.h>
#include <csignal>

#include "restore/task_state.h"

namespace stasis::restore {
namespace {

constexpr int kRestoreIds = 77;  // PR_TIMER_CREATE_RESTORE_IDS, Linux 6.15
constexpr std::uint32_t kMostIdsToSkip = 4096;
constexpr std::uint64_t kNsPerSecond = 1'000'000'000;

struct KernelEvent {  // struct sigevent, 64 bytes
  std::uint64_t value = 0;
  std::int32_t signal = 0;
  std::int32_t notify = 0;
  std::int32_t tid = 0;
  std::array<std::int32_t, 11> padding{};
};
static_assert(sizeof(KernelEvent) == 64);

struct KernelTimerSpec {  // struct __kernel_itimerspec
  std::uint64_t interval_s = 0, interval_ns = 0, value_s = 0, value_ns = 0;
};

KernelEvent event_of(const model::PosixTimer& timer) {
  KernelEvent event{.value = timer.signal_value, .signal = timer.signal, .notify = timer.notify};
  if ((timer.notify & SIGEV_THREAD_ID) != 0) event.tid = timer.notify_tid.value;
  return event;
}

// Before Linux 6.15 ids are given out in order: those in between are made and deleted.
Result<void> create_in_order(LiveTask& leader, const model::PosixTimer& timer,
                             std::uint32_t& next_id) {
  if (timer.id - next_id > kMostIdsToSkip) {
    return fail(ErrorKind::kUnsupported, "POSIX timer id {} cannot be made on this kernel",
                timer.id);
  }
  courier::SyscallBatch batch;
  const auto id = batch.reserve(sizeof(std::int32_t));
  for (; next_id < timer.id; ++next_id) {
    batch.must(SYS_timer_create, timer.clock, 0, id);
    batch.must(SYS_timer_delete, next_id);
  }
  batch.must(SYS_timer_create, timer.clock, batch.value(event_of(timer)), id);
  ++next_id;
  STASIS_TRY(leader.courier().run(batch));
  if (batch.output_as<std::uint32_t>(id) != timer.id) {
    return fail(ErrorKind::kKernel, "POSIX timer {} came out as {}", timer.id,
                batch.output_as<std::uint32_t>(id));
  }
  return {};
}

Result<void> create_with_ids(LiveTask& leader, const std::vector<model::PosixTimer>& timers) {
  courier::SyscallBatch batch;
  for (const auto& timer : timers) {
    const auto id = batch.value(timer.id);
    batch.must(SYS_timer_create, timer.clock, batch.value(event_of(timer)), id);
  }
  batch.must(SYS_prctl, kRestoreIds, 0, 0, 0, 0);
  return leader.courier().run(batch);
}

}  // namespace

Result<void> restore_timers(LiveTask& leader, const model::Process& process) {
  if (process.posix_timers.empty()) return {};
  courier::SyscallBatch probe;
  const auto wanted_ids = probe.add(SYS_prctl, kRestoreIds, 1, 0, 0, 0);
  STASIS_TRY(leader.courier().run(probe));
  if (probe.result(wanted_ids) == 0) {
    STASIS_TRY(create_with_ids(leader, process.posix_timers));
  } else {
    std::uint32_t next_id = 0;
    for (const auto& timer : process.posix_timers) {
      STASIS_TRY(create_in_order(leader, timer, next_id));
    }
  }
  courier::SyscallBatch batch;
  batch.describe("arming a POSIX timer");
  for (const auto& timer : process.posix_timers) {
    if (timer.value_ns == 0) continue;
    const KernelTimerSpec spec{timer.interval_ns / kNsPerSecond, timer.interval_ns % kNsPerSecond,
                               timer.value_ns / kNsPerSecond, timer.value_ns % kNsPerSecond};
    batch.must(SYS_timer_settime, timer.id, 0, batch.value(spec), 0);
  }
  return leader.courier().run(batch);
}

}  // namespace stasis::restore
