#include <unordered_set>

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

constexpr std::uint32_t kLastSignal = 64;
constexpr std::size_t kMaxComm = 15;  // TASK_COMM_LEN less the NUL
constexpr std::size_t kMaxXstate = 64 << 10;
constexpr std::size_t kMaxGroups = 65536;  // NGROUPS_MAX
constexpr std::size_t kMaxCpuWords = 1024;
constexpr std::size_t kMaxRlimits = 64;

using Pids = std::unordered_set<NsPid>;

Result<void> check_thread(const model::Thread& thread, const Bounds& bounds) {
  STASIS_TRY(check_text(thread.comm, kMaxComm, "comm"));
  if (thread.xstate.size() > kMaxXstate) {
    return broken("xstate: {} bytes, more than {}", thread.xstate.size(), kMaxXstate);
  }
  if (thread.credentials.groups.size() > kMaxGroups) {
    return broken("{} groups, more than {}", thread.credentials.groups.size(), kMaxGroups);
  }
  if (thread.scheduling.affinity.size() > kMaxCpuWords) {
    return broken("affinity: {} words, more than {}", thread.scheduling.affinity.size(),
                  kMaxCpuWords);
  }
  if (thread.parent_death_signal > kLastSignal) {
    return broken("parent death signal {}", thread.parent_death_signal);
  }
  return check_indexes(thread.seccomp.filters, bounds.container.seccomp_filters.size(),
                       "seccomp filter");
}

// `seen` collects the ids of all threads of the container.
Result<void> check_threads(const model::Process& process, const Bounds& bounds, Pids& seen) {
  if (process.threads.empty()) return broken("no threads");
  if (process.threads[0].tid != process.pid) {
    return broken("its first thread has tid {}", process.threads[0].tid.value);
  }
  for (const model::Thread& thread : process.threads) {
    const int tid = thread.tid.value;
    if (tid <= 0 || !seen.insert(thread.tid).second) return broken("tid {} is no new one", tid);
    STASIS_TRY(check_thread(thread, bounds).context(fmt::format("thread {}", tid)));
  }
  return {};
}

Result<void> check_fds(const model::Process& process, const Bounds& bounds) {
  std::int32_t last = -1;
  for (const model::FdEntry& entry : process.fds) {
    if (entry.fd <= last) return broken("fd {} after fd {}", entry.fd, last);
    last = entry.fd;
    STASIS_TRY(
        check_index(std::uint64_t{entry.open_file}, bounds.container.open_files.size(), "open file")
            .context(fmt::format("fd {}", entry.fd)));
  }
  return {};
}

Result<void> check_process(const model::Process& process, const Bounds& bounds, Pids& leaders,
                           Pids& tids) {
  if (process.ppid != NsPid{} && !leaders.contains(process.ppid)) {
    return broken("its parent {} is not described before it", process.ppid.value);
  }
  if (process.pgid.value < 0 || process.sid.value < 0) {
    return broken("process group {}, session {}", process.pgid.value, process.sid.value);
  }
  STASIS_TRY(check_threads(process, bounds, tids));
  leaders.insert(process.pid);
  if (process.exit_signal < 0 || process.exit_signal > static_cast<int>(kLastSignal)) {
    return broken("exit signal {}", process.exit_signal);
  }
  if (process.stop_signal &&
      (*process.stop_signal < 1 || *process.stop_signal > static_cast<int>(kLastSignal))) {
    return broken("stop signal {}", *process.stop_signal);
  }
  if (process.exit_status) return {};  // nothing else is looked at of a zombie
  STASIS_TRY(check_address_space(process.memory, bounds));
  STASIS_TRY(check_fds(process, bounds));
  if (process.rlimits.size() > kMaxRlimits) {
    return broken("{} rlimits, more than {}", process.rlimits.size(), kMaxRlimits);
  }
  if (process.umask > 0777) return broken("umask {:o}", process.umask);
  STASIS_TRY(check_absolute(process.cwd, "cwd"));
  STASIS_TRY(check_absolute(process.root, "root"));
  STASIS_TRY(check_relative(process.cgroup, "cgroup"));
  if (!process.terminal) return {};
  return check_index(std::uint64_t{process.terminal->tty}, bounds.container.ttys.size(),
                     "controlling terminal: tty");
}

}  // namespace

Result<void> check_processes(const Bounds& bounds) {
  Pids leaders;
  Pids tids;
  for (std::size_t i = 0; i < bounds.container.processes.size(); ++i) {
    const model::Process& process = bounds.container.processes[i];
    if (auto checked = check_process(process, bounds, leaders, tids); !checked.has_value()) {
      return std::move(checked.error())
          .context(fmt::format("process {} (pid {})", i, process.pid.value));
    }
  }
  return {};
}

}  // namespace stasis::image
