#include "restore/task_errands.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include "restore/end_process.h"
#include "sys/child_process.h"
#include "sys/process.h"

namespace stasis::restore {
namespace {

constexpr int kKept = -1;               // setresuid(2)
constexpr int kNoSetuidFixup = 1 << 2;  // SECBIT_NO_SETUID_FIXUP

std::uint32_t to_inside(std::uint32_t outside, const std::vector<proc::IdRange>& map) {
  for (const auto& range : map) {
    if (outside >= range.outside && outside - range.outside < range.count) {
      return outside - range.outside + range.inside;
    }
  }
  return outside;  // which the kernel refuses
}

// The capabilities stay: whoever connected may not be able to reach the socket any more.
void add_identity(courier::SyscallBatch& batch, std::uint32_t uid, std::uint32_t gid) {
  batch.must(SYS_prctl, PR_SET_SECUREBITS, kNoSetuidFixup, 0, 0, 0);
  batch.must(SYS_setresgid, kKept, gid, kKept);
  batch.must(SYS_setresuid, kKept, uid, kKept);
}

}  // namespace

TaskErrands::TaskErrands(const model::Container& container, ProcessTree& tree) : tree_(&tree) {
  for (const auto& process : container.processes) {
    taken_.insert({process.pid, process.pgid, process.sid});
    for (const auto& thread : process.threads) taken_.insert(thread.tid);
  }
}

Result<TaskErrands> TaskErrands::create(const model::Container& container, ProcessTree& tree,
                                        HostPid init) {
  TaskErrands errands(container, tree);
  STASIS_ASSIGN(const auto dir, proc::ProcDir::open(init));
  STASIS_ASSIGN(errands.uids_, proc::read_uid_map(dir));
  STASIS_ASSIGN(errands.gids_, proc::read_gid_map(dir));
  return errands;
}

LiveTask* TaskErrands::find(NsPid pid) const {
  for (auto& live : tree_->processes()) {
    if (live.leader().identity().pid == pid) return &live.leader();
  }
  return nullptr;
}

bool TaskErrands::has_caller(NsPid pid) const {
  return pid.value > 0 && (find(pid) != nullptr || !taken_.contains(pid));
}

std::optional<HostPid> TaskErrands::find_host_pid(NsPid pid) const {
  LiveTask* const task = find(pid);
  return task == nullptr ? std::nullopt : std::optional(task->host());
}

Result<std::vector<UniqueFd>> TaskErrands::run(const Errand& errand) {
  std::optional<Result<std::vector<UniqueFd>>> result;
  desk_->ask([&] { result.emplace(run_here(errand)); });
  return std::move(*result);
}

Result<std::vector<UniqueFd>> TaskErrands::run_here(const Errand& errand) {
  LiveTask* const caller = find(errand.caller.pid);
  auto ran = caller != nullptr ? run_in(*caller, errand) : run_in_helper(errand);
  if (ran) return ran;
  return std::move(ran.error()).context(fmt::format("as pid {}", errand.caller.pid.value));
}

Result<std::vector<UniqueFd>> TaskErrands::run_in(LiveTask& caller, const Errand& errand) {
  const auto& channel = tree_->channel();
  STASIS_ASSIGN(const auto given, channel.send(caller.courier(), errand.fds));
  courier::SyscallBatch batch;
  add_identity(batch, to_inside(errand.caller.uid, uids_), to_inside(errand.caller.gid, gids_));
  errand.add_calls(batch, given);
  add_identity(batch, 0, 0);
  STASIS_TRY(caller.courier().run(batch));
  STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(caller.host()));
  const auto numbers = channel.numbers(errand.fds.size() + errand.opened);
  std::vector<UniqueFd> opened;
  for (std::size_t i = errand.fds.size(); i < numbers.size(); ++i) {
    STASIS_ASSIGN(UniqueFd fd, sys::pidfd_getfd(pidfd.get(), numbers[i]));
    opened.push_back(std::move(fd));
  }
  STASIS_TRY(channel.close_others(caller.courier()));
  return opened;
}

// The process is gone, and nothing else has its number.
Result<std::vector<UniqueFd>> TaskErrands::run_in_helper(const Errand& errand) {
  LiveTask& init = tree_->processes().front().leader();
  const NsPid pid = errand.caller.pid;
  constexpr int kNoSignal = 0;  // its end is not told to its parent
  STASIS_ASSIGN(const auto helper, init.fork(pid, kNoSignal));
  auto opened = run_in(*helper, errand);
  STASIS_TRY(end_process(*helper, 0));
  courier::SyscallBatch batch;
  batch.describe(fmt::format("reaping helper {}", pid.value));
  batch.must(SYS_wait4, pid.value, 0, __WALL | WNOHANG, 0);
  STASIS_TRY(init.courier().run(batch));
  return opened;
}

}  // namespace stasis::restore
