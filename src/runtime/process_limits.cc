#include "runtime/process_limits.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 16> kRlimits{{
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_STACK", RLIMIT_STACK},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
}};

}  // namespace

Result<ProcessLimits> plan_rlimits(const oci::Process& process) {
  ProcessLimits planned;
  for (std::size_t i = 0; i < process.rlimits.size(); ++i) {
    const oci::Rlimit& one = process.rlimits[i];
    const auto* found =
        std::ranges::find(kRlimits, one.type, &std::pair<std::string_view, int>::first);
    if (found == kRlimits.end()) {
      return fail(ErrorKind::kInvalidArgument, "process.rlimits[{}].type: unknown limit '{}'", i,
                  one.type);
    }
    if (one.soft > one.hard) {
      return fail(ErrorKind::kInvalidArgument, "process.rlimits[{}]: soft {} is above hard {}", i,
                  one.soft, one.hard);
    }
    planned.emplace_back(found->second, rlimit64{one.soft, one.hard});
  }
  return planned;
}

Result<void> apply_rlimits(const ProcessLimits& limits, HostPid pid) {
  for (auto [resource, limit] : limits) {
    if (resource == RLIMIT_NOFILE) {
      STASIS_ASSIGN(const rlimit64 now, sys::get_rlimit(pid, resource));
      limit = {std::max(limit.rlim_cur, now.rlim_cur), std::max(limit.rlim_max, now.rlim_max)};
    }
    STASIS_TRY(sys::set_rlimit(pid, resource, limit).context("process.rlimits"));
  }
  return {};
}

Result<void> limit_own_descriptors(const ProcessLimits& limits) {
  const auto found = std::ranges::find(limits, RLIMIT_NOFILE, &ProcessLimits::value_type::first);
  if (found == limits.end()) return {};
  return sys::set_rlimit(HostPid{0}, RLIMIT_NOFILE, found->second).context("process.rlimits");
}

}  // namespace stasis::runtime
