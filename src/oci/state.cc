#include "oci/state.h"

#include "oci/json_reader.h"

namespace stasis::oci {

using Ordered = nlohmann::ordered_json;

std::string_view to_string(Status status) {
  switch (status) {
    case Status::kCreating:
      return "creating";
    case Status::kCreated:
      return "created";
    case Status::kRunning:
      return "running";
    case Status::kPaused:
      return "paused";
    case Status::kStopped:
      return "stopped";
  }
  return "unknown";
}

Result<void> read_value(const Node& node, RecordedCgroup& into) {
  return Members(node, Unknown::kIgnore)
      .required("v2", into.v2)
      .required("controllers", into.controllers)
      .required("directory", into.directory)
      .required("path", into.path)
      .finish();
}

Result<void> read_value(const Node& node, ResctrlGroup& into) {
  return Members(node, Unknown::kIgnore)
      .required("directory", into.directory)
      .required("made", into.made)
      .required("shared", into.shared)
      .required("monitor", into.monitor)
      .finish();
}

Result<void> read_value(const Node& node, ContainerRecord& into) {
  return Members(node, Unknown::kIgnore)
      .required("id", into.id)
      .required("ociVersion", into.oci_version)
      .required("bundle", into.bundle)
      .required("rootfs", into.rootfs)
      .required("created", into.created)
      .required("owner", into.owner)
      .required("initPid", into.init_pid)
      .required("initStartTicks", into.init_start_ticks)
      .required("noPivot", into.no_pivot)
      .required("restored", into.restored)
      .required("annotations", into.annotations)
      .required("cgroups", into.cgroups)
      .optional("resctrl", into.resctrl)
      .finish();
}

namespace {

// Bytes that are not UTF-8 (a path may hold any) are replaced rather than thrown at.
std::string dump(const Ordered& json, int indent) {
  return json.dump(indent, ' ', false, Ordered::error_handler_t::replace);
}

Ordered state_json(const ContainerRecord& record, Status status, pid_t pid, Shape shape) {
  Ordered json;
  json["ociVersion"] = record.oci_version;
  json["id"] = record.id;
  json["pid"] = pid;
  json["status"] = to_string(status);
  json["bundle"] = record.bundle;
  if (shape == Shape::kRunc) {
    json["rootfs"] = record.rootfs;
    json["created"] = record.created;
  }
  if (!record.annotations.empty()) json["annotations"] = record.annotations;
  if (shape == Shape::kRunc) json["owner"] = record.owner;
  return json;
}

}  // namespace

std::string encode_record(const ContainerRecord& record) {
  Ordered json;
  json["id"] = record.id;
  json["ociVersion"] = record.oci_version;
  json["bundle"] = record.bundle;
  json["rootfs"] = record.rootfs;
  json["created"] = record.created;
  json["owner"] = record.owner;
  json["initPid"] = record.init_pid;
  json["initStartTicks"] = record.init_start_ticks;
  json["noPivot"] = record.no_pivot;
  json["restored"] = record.restored;
  json["annotations"] = record.annotations;
  json["cgroups"] = Ordered::array();
  for (const RecordedCgroup& one : record.cgroups) {
    json["cgroups"].push_back({{"v2", one.v2},
                               {"controllers", one.controllers},
                               {"directory", one.directory},
                               {"path", one.path}});
  }
  if (const auto& group = record.resctrl) {
    json["resctrl"] = {{"directory", group->directory},
                       {"made", group->made},
                       {"shared", group->shared},
                       {"monitor", group->monitor}};
  }
  return dump(json, 1) + "\n";
}

Result<ContainerRecord> decode_record(std::string_view text) {
  STASIS_ASSIGN(const Json json, parse_json(text));
  ContainerRecord record;
  STASIS_TRY(read_value(Node(json), record));
  return record;
}

std::string encode_state(const ContainerRecord& record, Status status, pid_t pid, Shape shape) {
  return dump(state_json(record, status, pid, shape), shape == Shape::kRunc ? 2 : -1);
}

Result<std::string> encode_process_state(const std::string& state, pid_t pid,
                                         const std::string& metadata) {
  STASIS_ASSIGN(const Json container, parse_json(state));
  Ordered json;
  json["ociVersion"] = container.at("ociVersion");
  json["fds"] = {"seccompFd"};
  json["pid"] = pid;
  json["metadata"] = metadata;
  json["state"] = container;
  return dump(json, -1);
}

std::string encode_list(const std::vector<ListEntry>& entries) {
  Ordered json = Ordered::array();
  for (const ListEntry& entry : entries) {
    json.push_back(state_json(entry.record, entry.status, entry.pid, Shape::kRunc));
  }
  return dump(json, -1);
}

std::string encode_pids(const std::vector<pid_t>& pids) { return dump(Ordered(pids), -1); }

std::string encode_features(const Features& features) {
  Ordered json;
  json["ociVersionMin"] = features.version_min;
  json["ociVersionMax"] = features.version_max;
  json["hooks"] = features.hooks;
  json["mountOptions"] = features.mount_options;
  Ordered& os = json["linux"];
  os["namespaces"] = features.namespaces;
  os["capabilities"] = features.capabilities;
  os["cgroup"] = {
      {"v1", true}, {"v2", true}, {"systemd", false}, {"systemdUser", false}, {"rdma", true}};
  os["seccomp"] = {{"enabled", true},
                   {"actions", features.seccomp_actions},
                   {"operators", features.seccomp_operators},
                   {"archs", features.seccomp_archs},
                   {"knownFlags", features.seccomp_flags},
                   {"supportedFlags", features.seccomp_flags}};
  os["apparmor"] = {{"enabled", true}};
  os["selinux"] = {{"enabled", false}};
  os["intelRdt"] = {{"enabled", true}, {"schemata", true}, {"monitoring", true}};
  os["memoryPolicy"] = {{"modes", features.memory_policy_modes},
                        {"flags", features.memory_policy_flags}};
  os["mountExtensions"] = {{"idmap", {{"enabled", true}}}};
  os["netDevices"] = {{"enabled", true}};
  json["annotations"] = features.annotations;
  json["potentiallyUnsafeConfigAnnotations"] = Ordered::array();
  return dump(json, 2);
}

}  // namespace stasis::oci
