#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "proc/limits.h"
#include "proc/settings.h"
#include "restore/task_state.h"
#include "sys/file.h"

namespace stasis::restore {
namespace {

constexpr std::size_t kSignalSetBytes = 8;
constexpr int kSigkill = 9;
constexpr int kSigstop = 19;

timeval to_timeval(std::uint64_t us) {
  return timeval{static_cast<time_t>(us / 1'000'000), static_cast<suseconds_t>(us % 1'000'000)};
}

void add_signal_actions(courier::SyscallBatch& batch, const model::Process& process) {
  batch.describe("setting signal actions");
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == kSigkill || signal == kSigstop) continue;
    const auto action = batch.value(process.signal_actions[static_cast<std::size_t>(signal - 1)]);
    batch.must(SYS_rt_sigaction, signal, action, 0, kSignalSetBytes);
  }
}

void add_directories(courier::SyscallBatch& batch, const model::Process& process) {
  batch.describe(fmt::format("changing to the working directory '{}'", process.cwd));
  batch.must(SYS_chdir, batch.text(process.cwd));
  if (process.root != "/") {
    batch.describe(fmt::format("changing the root to '{}'", process.root));
    batch.must(SYS_chroot, batch.text(process.root));
  }
}

// What a limit was raised to before the container started, without CAP_SYS_RESOURCE, cannot be
// raised again here.
Result<void> restore_limits(LiveTask& leader, const model::Process& process,
                            std::vector<std::string>& warnings) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(leader.host()));
  STASIS_ASSIGN(const auto now, proc::read_limits(dir));
  courier::SyscallBatch batch;
  std::vector<std::pair<std::size_t, courier::SyscallBatch::Call>> calls;
  for (std::size_t which = 0; which < process.rlimits.size() && which < now.size(); ++which) {
    const model::Rlimit& wanted = process.rlimits[which];
    if (now[which].soft == wanted.soft && now[which].hard == wanted.hard) continue;
    calls.emplace_back(which, batch.add(SYS_prlimit64, 0, which, batch.value(wanted), 0));
  }
  if (batch.empty()) return {};
  STASIS_TRY(leader.courier().run(batch));
  for (const auto& [which, call] : calls) {
    if (batch.result(call) == 0) continue;
    warnings.push_back(
        fmt::format("pid {}: resource limit {} stays at {}: raising it needs "
                    "CAP_SYS_RESOURCE",
                    process.pid.value, which, now[which].soft));
  }
  return {};
}

Result<void> restore_oom_score(LiveTask& leader, const model::Process& process,
                               std::vector<std::string>& warnings) {
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(leader.host()));
  STASIS_ASSIGN(const auto now, proc::read_oom_score_adj(dir));
  if (now == process.oom_score_adj) return {};
  const auto text = fmt::format("{}", process.oom_score_adj);
  if (auto set = sys::write_control_file_at(dir.fd(), "oom_score_adj", text); !set) {
    warnings.push_back(fmt::format("pid {}: oom_score_adj stays at {}: {}", process.pid.value, now,
                                   set.error().message()));
  }
  return {};
}

}  // namespace

Result<void> restore_process_state(LiveTask& leader, const model::Process& process,
                                   std::vector<std::string>& warnings) {
  courier::SyscallBatch batch;
  add_signal_actions(batch, process);
  add_directories(batch, process);
  batch.describe("");
  batch.must(SYS_umask, process.umask);
  if (process.child_subreaper) batch.must(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (std::size_t which = 0; which < process.interval_timers.size(); ++which) {
    const model::IntervalTimer& timer = process.interval_timers[which];
    if (timer.value_us == 0 && timer.interval_us == 0) continue;
    const itimerval value{to_timeval(timer.interval_us), to_timeval(timer.value_us)};
    batch.must(SYS_setitimer, which, batch.value(value), 0);
  }
  STASIS_TRY(leader.courier().run(batch));
  STASIS_TRY(restore_limits(leader, process, warnings));
  return restore_oom_score(leader, process, warnings);
}

}  // namespace stasis::restore
