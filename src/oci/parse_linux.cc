#include <array>
#include <utility>

#include "oci/spec_readers.h"

namespace stasis::oci {
namespace {

constexpr std::array<std::pair<std::string_view, NamespaceKind>, 8> kNamespaces{{
    {"pid", NamespaceKind::kPid},
    {"network", NamespaceKind::kNetwork},
    {"mount", NamespaceKind::kMount},
    {"ipc", NamespaceKind::kIpc},
    {"uts", NamespaceKind::kUts},
    {"user", NamespaceKind::kUser},
    {"cgroup", NamespaceKind::kCgroup},
    {"time", NamespaceKind::kTime},
}};

}  // namespace

Result<void> read_value(const Node& node, NamespaceKind& into) {
  std::string name;
  STASIS_TRY(read_value(node, name));
  for (const auto& [text, kind] : kNamespaces) {
    if (name == text) {
      into = kind;
      return {};
    }
  }
  return node.error(ErrorKind::kInvalidArgument, fmt::format("unknown namespace '{}'", name));
}

Result<void> read_value(const Node& node, Namespace& into) {
  return Members(node, Unknown::kRefuse)
      .required("type", into.kind)
      .optional("path", into.path)
      .finish();
}

Result<void> read_value(const Node& node, Device& into) {
  return Members(node, Unknown::kRefuse)
      .required("type", into.type)
      .required("path", into.path)
      .optional("major", into.major)
      .optional("minor", into.minor)
      .optional("fileMode", into.file_mode)
      .optional("uid", into.uid)
      .optional("gid", into.gid)
      .finish();
}

Result<void> read_value(const Node& node, TimeOffset& into) {
  return Members(node, Unknown::kRefuse)
      .optional("secs", into.secs)
      .optional("nanosecs", into.nanosecs)
      .finish();
}

Result<void> read_value(const Node& node, Personality& into) {
  return Members(node, Unknown::kRefuse)
      .required("domain", into.domain)
      .unsupported("flags", "the specification has no flags yet, and stasis knows none")
      .finish();
}

Result<void> read_value(const Node& node, NetDevice& into) {
  return Members(node, Unknown::kRefuse).optional("name", into.name).finish();
}

Result<void> read_value(const Node& node, MemoryPolicy& into) {
  return Members(node, Unknown::kRefuse)
      .required("mode", into.mode)
      .optional("nodes", into.nodes)
      .optional("flags", into.flags)
      .finish();
}

std::string_view to_string(NamespaceKind kind) {
  for (const auto& [text, one] : kNamespaces) {
    if (one == kind) return text;
  }
  return "unknown";
}

const Namespace* Spec::find_namespace(NamespaceKind kind) const {
  for (const Namespace& one : linux_.namespaces) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

Result<void> read_value(const Node& node, IntelRdt& into) {
  return Members(node, Unknown::kRefuse)
      .optional("closID", into.clos_id)
      .optional("l3CacheSchema", into.l3_cache_schema)
      .optional("memBwSchema", into.mem_bw_schema)
      .optional("schemata", into.schemata)
      .optional("enableCMT", into.enable_cmt)
      .optional("enableMBM", into.enable_mbm)
      .optional("enableMonitoring", into.enable_monitoring)
      .finish();
}

Result<void> read_value(const Node& node, Linux& into) {
  return Members(node, Unknown::kRefuse)
      .optional("namespaces", into.namespaces)
      .optional("uidMappings", into.uid_mappings)
      .optional("gidMappings", into.gid_mappings)
      .optional("devices", into.devices)
      .optional("netDevices", into.net_devices)
      .optional("cgroupsPath", into.cgroups_path)
      .optional("resources", into.resources)
      .optional("rootfsPropagation", into.rootfs_propagation)
      .optional("seccomp", into.seccomp)
      .optional("sysctl", into.sysctl)
      .optional("maskedPaths", into.masked_paths)
      .optional("readonlyPaths", into.readonly_paths)
      .optional("mountLabel", into.mount_label)
      .optional("intelRdt", into.intel_rdt)
      .optional("memoryPolicy", into.memory_policy)
      .optional("personality", into.personality)
      .optional("timeOffsets", into.time_offsets)
      .finish();
}

}  // namespace stasis::oci
