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
  STASIS_ASSIGN(auto task, trace::SeizedTask::seize(host, sys::ptrace::kSuspendSeccomp));
  STASIS_TRY(task.wait_stopped(std::chrono::steady_clock::now() + kPatience));
  STASIS_ASSIGN(auto remote, trace::RemoteMemory::open(host));
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

// What cannot be read any more is left out, and read in the stop.
std::map<HostPid, EarlyAreas> read_areas(const std::vector<HostPid>& hosts) {
  std::map<HostPid, EarlyAreas> areas;
  for (const HostPid host : hosts) {
    const auto dir = proc::ProcDir::open(host);
    if (!dir) continue;
    auto details = proc::read_smaps(*dir);
    if (details) areas.emplace(host, EarlyAreas(std::move(*details)));
  }
  return areas;
}

}  // namespace

const EarlyAreas* EarlyCopy::areas_of(HostPid host) const {
  const auto found = areas.find(host);
  return found == areas.end() ? nullptr : &found->second;
}

Result<std::optional<EarlyCopy>> copy_early(const cgroup::ContainerCgroup& cgroup,
                                            image::ImageWriter& image, AreaReading reading) {
  STASIS_ASSIGN(const bool frozen, cgroup.frozen());
  if (frozen) return std::optional<EarlyCopy>();
  STASIS_ASSIGN(const auto processes, cgroup.processes());
  std::vector<memory::PreCopyTarget> targets;
  std::vector<HostPid> hosts;
  for (const HostPid host : processes) {
    auto target = watch(host);
    if (!target) {
      log(LogLevel::kDebug, "not copied early pid={} reason=\"{}\" ignored", host.value,
          target.error().message());
    } else if (*target) {
      targets.push_back(std::move(**target));
      hosts.push_back(host);
    }
  }
  if (targets.empty()) return std::optional<EarlyCopy>();
  STASIS_ASSIGN(auto pages, memory::PreCopy::start(std::move(targets), image));
  log(LogLevel::kDebug, "copied early rounds={} bytes={} last_round_bytes={}",
      pages.statistics().rounds, pages.statistics().copied_bytes,
      pages.statistics().last_round_bytes);
  EarlyCopy copy{std::move(pages), {}};
  if (reading == AreaReading::kEarly) copy.areas = read_areas(hosts);
  return std::optional(std::move(copy));
}

}  // namespace stasis::checkpoint
