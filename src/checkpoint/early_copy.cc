#include "checkpoint/early_copy.h"

#include "base/log.h"
#include "checkpoint/tasks.h"
#include "sys/child_process.h"
#include "sys/ptrace.h"

namespace stasis::checkpoint {
namespace {

// Less is copied in the stop in a few milliseconds.
constexpr std::int64_t kSmallestPages = 4096;  // 16 MiB
constexpr std::chrono::milliseconds kPatience(200);

// Only the leader is stopped, and only while it makes its userfaultfd.
Result<std::optional<memory::PreCopyTarget>> watch(HostPid host) {
  STASIS_ASSIGN(auto dir, proc::ProcDir::open(host));
  STASIS_ASSIGN(auto stat, proc::read_stat(dir));
  if (stat.rss_pages < kSmallestPages) return std::optional<memory::PreCopyTarget>();
  STASIS_ASSIGN(auto status, proc::read_status(dir));
  STASIS_ASSIGN(auto pidfd, sys::pidfd_open(host));
  STASIS_ASSIGN(auto thread_dir, proc::ProcDir::open_task(host, host));
  STASIS_ASSIGN(auto remote, trace::RemoteMemory::open(host));
  STASIS_ASSIGN(auto task, trace::SeizedTask::seize(host, sys::ptrace::kSuspendSeccomp));
  STASIS_TRY(task.wait_stopped(std::chrono::steady_clock::now() + kPatience));
  SeizedProcess process{.host = host,
                        .pid = status.ns_pid.empty() ? NsPid{host.value} : status.ns_pid.back(),
                        .pidfd = std::move(pidfd),
                        .dir = std::move(dir)};
  process.memory.emplace(std::move(remote));
  process.threads.push_back({std::move(task), std::move(thread_dir)});
  STASIS_ASSIGN(auto session, CourierSession::open(process));
  auto userfaultfd = memory::open_userfaultfd(session.leader(), process.pidfd.get());
  STASIS_TRY(std::move(session).close());
  STASIS_TRY(std::move(process.threads.front().task).detach());
  if (!userfaultfd) return std::move(userfaultfd.error());
  return std::optional(memory::PreCopyTarget{host, std::move(*userfaultfd)});
}

}  // namespace

Result<std::optional<memory::PreCopy>> copy_early(const cgroup::ContainerCgroup& cgroup,
                                                  image::ImageWriter& image) {
  STASIS_ASSIGN(const bool frozen, cgroup.frozen());
  if (frozen) return std::optional<memory::PreCopy>();
  STASIS_ASSIGN(const auto processes, cgroup.processes());
  std::vector<memory::PreCopyTarget> targets;
  for (const HostPid host : processes) {
    auto target = watch(host);
    if (!target) {
      log(LogLevel::kDebug, "not copied early pid={} reason=\"{}\" ignored", host.value,
          target.error().message());
    } else if (*target) {
      targets.push_back(std::move(**target));
    }
  }
  if (targets.empty()) return std::optional<memory::PreCopy>();
  STASIS_ASSIGN(auto copy, memory::PreCopy::start(std::move(targets), image));
  log(LogLevel::kDebug, "copied early rounds={} bytes={} last_round_bytes={}",
      copy.statistics().rounds, copy.statistics().copied_bytes, copy.statistics().last_round_bytes);
  return std::optional(std::move(copy));
}

}  // namespace stasis::checkpoint
