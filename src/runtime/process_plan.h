// Who a container's process becomes and what it executes: the plan, made before the process exists,
// and the last steps inside it, up to execve. For pid 1 and for what `exec` brings in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "oci/spec.h"
#include "runtime/confinement.h"
#include "runtime/hooks.h"
#include "runtime/memory_policy.h"
#include "runtime/passed_descriptors.h"
#include "runtime/process_limits.h"
#include "runtime/process_scheduling.h"
#include "runtime/seccomp_program.h"

namespace stasis::runtime {

struct CapabilityPlan {
  std::uint64_t bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
  bool operator==(const CapabilityPlan&) const = default;
};

struct ProcessPlan {
  std::vector<std::string> args;
  std::vector<std::string> env;  // of duplicates only the last; HOME is added in the container
  std::string cwd;
  std::uint32_t uid = 0, gid = 0;
  std::vector<gid_t> groups;
  std::uint32_t umask = 022;
  std::optional<unsigned long> personality;
  std::optional<MemoryPolicyPlan> memory_policy;
  CapabilityPlan capabilities;
  bool user_namespace = false;  // the process is in one
  bool no_new_privileges = false;
  std::optional<SeccompProgram> seccomp;
  ProcessLimits rlimits;
  std::optional<std::int32_t> oom_score_adj;
  SchedulingPlan scheduling;
  std::optional<Confinement> confinement;
  unsigned passed_fds = 0;  // from 3 on
};

// Pure but for the caller's bounding set, outside of which capabilities are dropped with a warning,
// and for the security modules that the kernel has.
// Errors name the member of "process".
Result<ProcessPlan> plan_process(const oci::Process& process, const oci::Spec& spec,
                                 const PassedDescriptors& passed);

// The later of two "NAME=value" with the same name wins; an empty HOME counts as unset.
std::vector<std::string> effective_environment(const std::vector<std::string>& env);

// Applied from outside, to a process that is still privileged and waits.
Result<void> apply_limits(const ProcessPlan& plan, HostPid pid);

// Finds what execve gets for `name`, as the shell does: with a slash it is taken as it is, else
// PATH is searched. Errors are the one line that callers match: "exec PATH: no such file or
// directory".
Result<std::string> find_executable(const std::string& name, const std::vector<std::string>& env);

// The home directory in an /etc/passwd text; "/" when the user is not in it.
std::string home_in_passwd(std::string_view passwd, std::uint32_t uid);

// What the process does once it is in its root. All returns are failures but for that of prepare.
class ProcessEntry {
 public:
  // In the child, in its final root: looks up HOME and the executable, so that a missing one is
  // known before the container counts as created.
  static Result<ProcessEntry> prepare(const ProcessPlan& plan);
  // Credentials, seccomp, signals: all but the program. Of the descriptors, which lead to the host,
  // only the standard ones, those that are passed on, and `kept_fd` stay open.
  Result<void> become(int kept_fd) const;
  // execve. Only returns on failure.
  Error execute() const;

 private:
  explicit ProcessEntry(const ProcessPlan& plan) : plan_(&plan) {}
  Result<void> take_groups() const;
  Result<void> take_identity() const;
  Result<void> load_seccomp() const;

  const ProcessPlan* plan_;
  std::vector<std::string> env_;
  std::string executable_;
  bool entered_ = false;  // process.cwd
};

}  // namespace stasis::runtime
