#include "runtime/members.h"

#include <csignal>

#include <poll.h>

#include "proc/proc_dir.h"
#include "proc/tasks.h"
#include "runtime/process_identity.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

constexpr const char* kPidNamespace = "ns/pid";
constexpr int kLimitMs = 10'000;

std::optional<std::string> pid_namespace_of(HostPid pid) {
  const auto dir = proc::ProcDir::open(pid);
  if (!dir) return std::nullopt;
  auto link = dir->read_link(kPidNamespace);
  return link ? std::optional(std::move(*link)) : std::nullopt;
}

bool has_cgroup(const Container& container) {
  return !container.cgroup().record().directories.empty();
}

}  // namespace

Result<std::vector<HostPid>> members_of(const Container& container) {
  if (has_cgroup(container)) return container.cgroup().processes();
  std::vector<HostPid> members;
  if (!container.init()) return members;
  const HostPid init = container.init_pid();
  STASIS_ASSIGN(const std::string own, sys::read_link_at(sys::kCwd, "/proc/self/ns/pid"));
  const auto theirs = pid_namespace_of(init);
  if (!theirs || *theirs == own) return std::vector<HostPid>{init};
  STASIS_ASSIGN(const proc::ProcDir all, proc::open_proc());
  STASIS_ASSIGN(const auto processes, proc::list_processes(all));
  for (const HostPid pid : processes) {
    if (pid_namespace_of(pid) == theirs) members.push_back(pid);
  }
  return members;
}

Result<void> signal_members(const Container& container, int signal) {
  if (has_cgroup(container)) return container.cgroup().signal_all(signal);
  STASIS_ASSIGN(const auto members, members_of(container));
  for (const HostPid pid : members) {
    const auto sent = sys::kill(pid, signal);
    if (!sent && sent.error().kind() != ErrorKind::kTaskDied) return sent;
  }
  return {};
}

Result<void> end_first_process(const oci::ContainerRecord& record) {
  const auto init = open_process(HostPid{record.init_pid}, record.init_start_ticks);
  if (!init) return {};
  const auto sent = sys::pidfd_send_signal(init->get(), SIGKILL);
  if (!sent && sent.error().kind() != ErrorKind::kTaskDied) return sent;
  pollfd watched{.fd = init->get(), .events = POLLIN, .revents = 0};
  if (::poll(&watched, 1, kLimitMs) > 0) return {};
  return fail(ErrorKind::kTimeout, "the container's first process outlived SIGKILL by 10 s");
}

}  // namespace stasis::runtime
