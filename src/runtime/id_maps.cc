#include "runtime/id_maps.h"

#include <unistd.h>

#include "ns/spawn.h"
#include "runtime/capability_names.h"
#include "runtime/process_plan.h"
#include "sys/child_process.h"
#include "sys/credentials.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

using Mappings = std::vector<oci::IdMapping>;

bool may_map_anything() {
  std::vector<std::string> unknown;
  const std::uint64_t needed = capability_bits({"CAP_SETUID", "CAP_SETGID"}, unknown);
  const auto own = sys::get_capabilities();
  return own && (own->effective & needed) == needed;
}

bool is_only(const Mappings& mappings, std::uint32_t id) {
  return mappings.size() == 1 && mappings.front().host_id == id && mappings.front().size == 1;
}

struct Helper {
  const char* program;
  const char* member;
  const char* ranges;
};

std::vector<std::string> helper_arguments(const Helper& helper, HostPid pid,
                                          const Mappings& mappings) {
  std::vector<std::string> words{helper.program, std::to_string(pid.value)};
  for (const oci::IdMapping& one : mappings) {
    for (const std::uint32_t number : {one.container_id, one.host_id, one.size}) {
      words.push_back(std::to_string(number));
    }
  }
  return words;
}

Result<sys::ExitStatus> run_program(const std::string& path, std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  STASIS_ASSIGN(const HostPid child, sys::clone_process(0));
  if (child.value == 0) {
    static_cast<void>(sys::execute(path.c_str(), argv.data(), environ));
    ::_exit(127);
  }
  return sys::wait_for_exit(child);
}

Result<void> run_helper(const Helper& helper, HostPid pid, const Mappings& mappings) {
  const auto path = find_executable(helper.program, {"PATH=/usr/local/bin:/usr/bin:/bin"});
  if (!path) {
    return fail(ErrorKind::kUnsupported,
                "linux.{}: more than the own id needs the program '{}', which is not installed",
                helper.member, helper.program);
  }
  STASIS_ASSIGN(const sys::ExitStatus status,
                run_program(*path, helper_arguments(helper, pid, mappings)));
  if (status.as_shell() == 0) return {};
  return fail(ErrorKind::kInvalidArgument,
              "linux.{}: {} refuses them, with status {}: {} must give the ranges to this user",
              helper.member, helper.program, status.as_shell(), helper.ranges);
}

}  // namespace

std::string format_id_map(const Mappings& mappings) {
  std::string text;
  for (const oci::IdMapping& one : mappings) {
    text += fmt::format("{} {} {}\n", one.container_id, one.host_id, one.size);
  }
  return text;
}

Result<void> map_ids(const oci::Spec& spec, HostPid pid) {
  const oci::Namespace* user = spec.find_namespace(oci::NamespaceKind::kUser);
  if (user == nullptr || !user->path.empty()) return {};
  const Mappings& uids = spec.linux_.uid_mappings;
  const Mappings& gids = spec.linux_.gid_mappings;
  const bool may_map = may_map_anything();
  if (may_map || (is_only(uids, ::geteuid()) && is_only(gids, ::getegid()))) {
    return ns::write_id_maps(pid, format_id_map(uids), format_id_map(gids),
                             may_map ? ns::GroupChanges::kAllow : ns::GroupChanges::kDeny);
  }
  STASIS_TRY(run_helper({"newuidmap", "uidMappings", "/etc/subuid"}, pid, uids));
  return run_helper({"newgidmap", "gidMappings", "/etc/subgid"}, pid, gids);
}

}  // namespace stasis::runtime
