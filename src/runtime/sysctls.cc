#include "runtime/sysctls.h"

#include <algorithm>

#include "oci/sysctl.h"
#include "runtime/namespace_plan.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

Result<bool> is_own(const ns::JoinedNamespace& one) {
  STASIS_ASSIGN(const struct stat theirs, sys::stat_fd(one.fd.get()));
  STASIS_ASSIGN(
      const struct stat own,
      sys::stat_at(sys::kCwd, fmt::format("/proc/self/ns/{}", ns::facts_of(one.kind).proc_name)));
  return theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> plan_sysctls(const oci::Spec& spec) {
  std::vector<std::pair<std::string, std::string>> sysctls;
  for (const auto& [name, value] : spec.linux_.sysctl) {
    if (auto path = oci::path_of_sysctl(name)) sysctls.emplace_back(std::move(*path), value);
  }
  return sysctls;
}

Result<void> check_sysctls(const oci::Spec& spec, const std::vector<ns::JoinedNamespace>& joined) {
  for (const auto& [name, value] : spec.linux_.sysctl) {
    const auto kind = oci::namespace_of_sysctl(name);
    if (!kind) continue;
    const auto found = std::ranges::find(joined, to_kind(*kind), &ns::JoinedNamespace::kind);
    if (found == joined.end()) continue;
    STASIS_ASSIGN(const bool own, is_own(*found));
    if (!own) continue;
    return fail(ErrorKind::kInvalidArgument,
                "linux.sysctl.{}: the '{}' namespace '{}' is the runtime's own, and setting it "
                "would change the host",
                name, to_string(*kind), found->name);
  }
  return {};
}

}  // namespace stasis::runtime
