// exec: another process in a running container.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci/spec.h"
#include "runtime/console.h"
#include "runtime/state_store.h"

namespace stasis::runtime {

enum class WhenPaused { kRefuse, kGoOn };

struct ExecRequest {
  std::string id;
  std::string process_file;  // the "process" object; "": the container's own, changed below
  std::vector<std::string> args;
  std::vector<std::string> env;  // added
  std::string cwd;               // "": as the container's
  std::string user;              // "UID[:GID]"
  std::vector<std::uint32_t> additional_gids;
  std::vector<std::string> capabilities;  // added
  std::string apparmor_profile;           // "": the container's
  bool terminal = false;
  bool no_new_privileges = false;  // set when it is not
  std::string console_socket, pidfd_socket, pid_file;
  Attachment attachment = Attachment::kAttached;
  WhenPaused when_paused = WhenPaused::kRefuse;
  unsigned preserved_fds = 0;
  std::vector<std::string> subgroups;  // as cgroup::choose_subgroup takes them
};

// The process that the request describes. Pure.
Result<oci::Process> plan_exec(const ExecRequest& request, const oci::Process& of_container);

// Gives the exit status of the process, or 0 when detached.
Result<int> exec_in_container(const StateStore& store, const ExecRequest& request);

}  // namespace stasis::runtime
