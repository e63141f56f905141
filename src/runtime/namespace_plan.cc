#include "runtime/namespace_plan.h"

#include "sys/file.h"

namespace stasis::runtime {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t offset_ns(const oci::Spec& spec, const std::string& clock) {
  const auto found = spec.linux_.time_offsets.find(clock);
  if (found == spec.linux_.time_offsets.end()) return 0;
  return found->second.secs * kSecond + found->second.nanosecs;
}

}  // namespace

ns::Kind to_kind(oci::NamespaceKind kind) {
  switch (kind) {
    case oci::NamespaceKind::kPid:
      return ns::Kind::kPid;
    case oci::NamespaceKind::kNetwork:
      return ns::Kind::kNetwork;
    case oci::NamespaceKind::kMount:
      return ns::Kind::kMount;
    case oci::NamespaceKind::kIpc:
      return ns::Kind::kIpc;
    case oci::NamespaceKind::kUts:
      return ns::Kind::kUts;
    case oci::NamespaceKind::kUser:
      return ns::Kind::kUser;
    case oci::NamespaceKind::kCgroup:
      return ns::Kind::kCgroup;
    case oci::NamespaceKind::kTime:
      return ns::Kind::kTime;
  }
  return ns::Kind::kPid;
}

Result<ns::NamespacePlan> plan_namespaces(const oci::Spec& spec) {
  ns::NamespacePlan plan;
  const bool user_namespace = spec.find_namespace(oci::NamespaceKind::kUser) != nullptr;
  for (const oci::Namespace& one : spec.linux_.namespaces) {
    const ns::Kind kind = to_kind(one.kind);
    if (one.path.empty()) {
      // The message queues of an IPC namespace belong to who made it: in a user namespace that is
      // the process once it is root there, see Environment::new_ipc_namespace.
      const bool made_later =
          kind == ns::Kind::kCgroup || (kind == ns::Kind::kIpc && user_namespace);
      if (!made_later) plan.created.push_back(kind);
      continue;
    }
    STASIS_ASSIGN(auto joined, ns::open_namespace(kind, one.path).context("linux.namespaces"));
    plan.joined.push_back(std::move(joined));
  }
  if (!spec.linux_.time_offsets.empty()) {
    plan.time_offsets = ns::TimeOffsets{offset_ns(spec, "monotonic"), offset_ns(spec, "boottime")};
  }
  return plan;
}

model::NetworkOwner network_owner(const oci::Spec& spec) {
  const oci::Namespace* found = spec.find_namespace(oci::NamespaceKind::kNetwork);
  const bool is_new = found != nullptr && found->path.empty();
  return is_new ? model::NetworkOwner::kContainer : model::NetworkOwner::kOther;
}

Result<ns::NamespacePlan> plan_joining(HostPid pid) {
  ns::NamespacePlan plan;
  for (const ns::KindFacts& facts : ns::all_kinds()) {
    const std::string path = fmt::format("/proc/{}/ns/{}", pid.value, facts.proc_name);
    STASIS_ASSIGN(auto joined, ns::open_namespace(facts.kind, path));
    STASIS_ASSIGN(const struct stat theirs, sys::stat_fd(joined.fd.get()));
    STASIS_ASSIGN(const struct stat own,
                  sys::stat_at(sys::kCwd, fmt::format("/proc/self/ns/{}", facts.proc_name)));
    if (theirs.st_ino == own.st_ino) continue;
    plan.joined.push_back(std::move(joined));
  }
  return plan;
}

}  // namespace stasis::runtime
