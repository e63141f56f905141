#include "ns/spawn.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "sys/child_process.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/namespace.h"
#include "sys/process_settings.h"

namespace stasis::ns {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// What the helper process tells before it exits. Fixed size: one write(2) is atomic.
struct HelperReport {
  pid_t pid = 0;  // 0: failed
  int kind = 0;
  int error_number = 0;
  std::array<char, 244> text{};
};
static_assert(sizeof(HelperReport) == 256);

void write_report(int fd, const HelperReport& report) {
  static_cast<void>(sys::write_all(fd, std::as_bytes(std::span(&report, 1))));
}

HelperReport failure_report(const Error& error) {
  HelperReport report{.kind = static_cast<int>(error.kind()), .error_number = error.error_number()};
  error.message().copy(report.text.data(), report.text.size() - 1);
  return report;
}

int join_flag(Kind kind) { return static_cast<int>(facts_of(kind).clone_flag); }

Result<void> join(const JoinedNamespace& one) {
  return sys::set_ns(one.fd.get(), join_flag(one.kind))
      .context(
          fmt::format("joining the {} namespace '{}'", facts_of(one.kind).proc_name, one.name));
}

// Namespaces may belong to the joined user namespace, or to the one outside: those that cannot be
// joined before the user namespace are joined after it. The mount namespace goes last.
Result<void> join_all(const std::vector<JoinedNamespace>& joined) {
  std::array<bool, 8> done{};
  const JoinedNamespace* user = nullptr;
  for (const auto& one : joined) {
    if (one.kind == Kind::kUser) user = &one;
  }
  if (user != nullptr) {
    for (const auto& one : joined) {
      if (one.kind == Kind::kUser || one.kind == Kind::kMount) continue;
      done[static_cast<std::size_t>(one.kind)] = join(one).has_value();
    }
    STASIS_TRY(join(*user));
  }
  for (const KindFacts& facts : all_kinds()) {
    if (facts.kind == Kind::kUser || done[static_cast<std::size_t>(facts.kind)]) continue;
    for (const auto& one : joined) {
      if (one.kind == facts.kind) STASIS_TRY(join(one));
    }
  }
  return {};
}

std::uint64_t clone_flags(const NamespacePlan& plan) {
  std::uint64_t flags = 0;
  for (const Kind kind : plan.created) {
    // With offsets the time namespace exists already: see TimeNamespaceForChildren.
    if (kind == Kind::kTime && plan.time_offsets) continue;
    flags |= facts_of(kind).clone_flag;
  }
  return flags;
}

// Offsets can only be written before a process is in the new time namespace: the caller unshares it
// for its children, and goes back to its own afterwards.
class TimeNamespaceForChildren {
 public:
  static Result<TimeNamespaceForChildren> enter(const TimeOffsets& offsets) {
    TimeNamespaceForChildren entered;
    STASIS_ASSIGN(entered.own_, sys::open("/proc/self/ns/time", O_RDONLY));
    STASIS_TRY(sys::unshare(join_flag(Kind::kTime)));
    STASIS_TRY(sys::write_control_file("/proc/self/timens_offsets", format_time_offsets(offsets))
                   .context("setting the time namespace's offsets"));
    return entered;
  }
  TimeNamespaceForChildren(TimeNamespaceForChildren&&) noexcept = default;
  TimeNamespaceForChildren& operator=(TimeNamespaceForChildren&&) = delete;
  ~TimeNamespaceForChildren() {
    if (own_) static_cast<void>(sys::set_ns(own_.get(), join_flag(Kind::kTime)));
  }

 private:
  TimeNamespaceForChildren() = default;
  UniqueFd own_;
};

Result<HostPid> clone_child(std::uint64_t flags, const sys::CloneOptions& options,
                            const std::function<void()>& child) {
  STASIS_ASSIGN(const HostPid pid, sys::clone_process(flags, options));
  if (pid.value == 0) {
    child();
    ::_exit(127);
  }
  return pid;
}

bool joins(const NamespacePlan& plan, Kind kind) {
  return std::ranges::find(plan.joined, kind, &JoinedNamespace::kind) != plan.joined.end();
}

// Runs in the helper. Once in a user namespace, it has no right to choose a cgroup of the host any
// more: then it was born there itself, and its child inherits it.
HelperReport join_and_clone(const NamespacePlan& plan, const std::function<void()>& child) {
  // Inside, setgroups(2) may be denied for good. Outside, only the privileged may drop groups.
  if (joins(plan, Kind::kUser)) static_cast<void>(sys::set_groups({}));
  // Whoever is in the pid namespace already sees the child as soon as there is one, and may be
  // root of the user namespace.
  if (joins(plan, Kind::kPid)) {
    if (const auto set = sys::set_dumpable(0); !set) return failure_report(set.error());
  }
  if (const auto joined = join_all(plan.joined); !joined) return failure_report(joined.error());
  const int cgroup_fd = joins(plan, Kind::kUser) ? -1 : plan.cgroup_fd;
  const auto pid = clone_child(clone_flags(plan) | CLONE_PARENT, {plan.number, cgroup_fd}, child);
  if (!pid) return failure_report(pid.error());
  return HelperReport{.pid = pid->value};
}

Result<HostPid> spawn_through_helper(const NamespacePlan& plan,
                                     const std::function<void()>& child) {
  STASIS_ASSIGN(sys::PipeFds pipe, sys::make_pipe());
  const int cgroup_fd = joins(plan, Kind::kUser) ? plan.cgroup_fd : -1;
  STASIS_ASSIGN(const HostPid helper, sys::clone_process(0, {.cgroup_fd = cgroup_fd}));
  if (helper.value == 0) {
    write_report(pipe.write_end.get(), join_and_clone(plan, child));
    ::_exit(0);
  }
  pipe.write_end.reset();
  HelperReport report{};
  auto got = sys::read_some(pipe.read_end.get(), std::as_writable_bytes(std::span(&report, 1)));
  STASIS_TRY(sys::wait_for_exit(helper));
  STASIS_ASSIGN(const std::size_t size, std::move(got));
  if (size != sizeof(report)) {
    return fail(ErrorKind::kTaskDied, "the process that joins namespaces died");
  }
  if (report.pid != 0) return HostPid{report.pid};
  report.text.back() = '\0';
  return Error(static_cast<ErrorKind>(report.kind), report.text.data());
}

}  // namespace

std::string format_time_offsets(const TimeOffsets& offsets) {
  const auto line = [](const char* clock, std::int64_t ns) {
    std::int64_t seconds = ns / kSecond;
    std::int64_t rest = ns % kSecond;
    if (rest < 0) {
      rest += kSecond;
      --seconds;
    }
    return fmt::format("{} {} {}\n", clock, seconds, rest);
  };
  return line("monotonic", offsets.monotonic_ns) + line("boottime", offsets.boottime_ns);
}

Result<JoinedNamespace> open_namespace(Kind kind, const std::string& path) {
  STASIS_ASSIGN(UniqueFd fd, sys::open(path, O_RDONLY));
  const auto found = sys::get_ns_kind(fd.get());
  if (!found || *found != join_flag(kind)) {
    return fail(ErrorKind::kInvalidArgument, "'{}' is no {} namespace", path,
                facts_of(kind).proc_name);
  }
  return JoinedNamespace{kind, std::move(fd), path};
}

Result<HostPid> spawn(const NamespacePlan& plan, const std::function<void()>& child) {
  std::optional<TimeNamespaceForChildren> time;
  if (plan.time_offsets) {
    STASIS_ASSIGN(auto entered, TimeNamespaceForChildren::enter(*plan.time_offsets));
    time.emplace(std::move(entered));
  }
  if (plan.joined.empty()) {
    return clone_child(clone_flags(plan), {plan.number, plan.cgroup_fd}, child);
  }
  return spawn_through_helper(plan, child);
}

Result<void> write_id_maps(HostPid pid, const std::string& uid_map, const std::string& gid_map,
                           GroupChanges group_changes) {
  const std::string proc = fmt::format("/proc/{}/", pid.value);
  if (group_changes == GroupChanges::kDeny) {
    STASIS_TRY(sys::write_control_file(proc + "setgroups", "deny"));
  }
  STASIS_TRY(sys::write_control_file(proc + "uid_map", uid_map));
  return sys::write_control_file(proc + "gid_map", gid_map);
}

}  // namespace stasis::ns
