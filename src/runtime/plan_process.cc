#include <algorithm>

#include "base/log.h"
#include "base/parse.h"
#include "runtime/capability_names.h"
#include "runtime/process_plan.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

// personality(2), linux/personality.h.
constexpr unsigned long kPersonalityLinux = 0x0000;
constexpr unsigned long kPersonalityLinux32 = 0x0008;

// `obtainable`: what the process has once it is in its user namespace.
CapabilityPlan plan_capabilities(const oci::Process& process, std::uint64_t obtainable) {
  CapabilityPlan plan;
  if (!process.capabilities) return plan;
  const oci::Capabilities& config = *process.capabilities;
  std::vector<std::string> unknown;
  plan.bounding = capability_bits(config.bounding, unknown);
  plan.effective = capability_bits(config.effective, unknown);
  plan.permitted = capability_bits(config.permitted, unknown);
  plan.inheritable = capability_bits(config.inheritable, unknown);
  plan.ambient = capability_bits(config.ambient, unknown);
  // Most are in several sets.
  std::ranges::sort(unknown);
  const auto repeated = std::ranges::unique(unknown);
  unknown.erase(repeated.begin(), repeated.end());
  for (const std::string& name : unknown) {
    log(LogLevel::kWarning, "unknown capability ignored name={}", name);
  }
  // What the runtime itself does not have it cannot give: privileged containers still work in
  // sandboxes that hold some capability back.
  const std::uint64_t all =
      plan.bounding | plan.effective | plan.permitted | plan.inheritable | plan.ambient;
  if ((all & ~obtainable) != 0) {
    log(LogLevel::kWarning, "capabilities that the runtime lacks are dropped names=\"{}\"",
        describe_capabilities(all & ~obtainable));
  }
  for (std::uint64_t* set :
       {&plan.bounding, &plan.effective, &plan.permitted, &plan.inheritable, &plan.ambient}) {
    *set &= obtainable;
  }
  // Ambient capabilities must be permitted and inheritable (capabilities(7)).
  const std::uint64_t possible = plan.permitted & plan.inheritable;
  if ((plan.ambient & ~possible) != 0) {
    log(LogLevel::kWarning,
        "ambient capabilities that are not inheritable are dropped names=\"{}\"",
        describe_capabilities(plan.ambient & ~possible));
    plan.ambient &= possible;
  }
  return plan;
}

Result<void> apply_oom_score(std::int32_t score, HostPid pid) {
  const std::string path = fmt::format("/proc/{}/oom_score_adj", pid.value);
  auto written = sys::write_control_file(path, std::to_string(score));
  if (written) return {};
  // Lowering needs CAP_SYS_RESOURCE; without it the value may still be the right one already.
  STASIS_ASSIGN(const std::string now, sys::read_file(path));
  if (parse_number<std::int32_t>(trim(now)) == score) return {};
  return std::move(written).context("process.oomScoreAdj");
}

}  // namespace

std::vector<std::string> effective_environment(const std::vector<std::string>& env) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < env.size(); ++i) {
    const std::string name = env[i].substr(0, env[i].find('=') + 1);
    const bool repeated =
        std::any_of(env.begin() + static_cast<std::ptrdiff_t>(i) + 1, env.end(),
                    [&](const std::string& later) { return later.starts_with(name); });
    if (name.empty() || repeated || env[i] == "HOME=") continue;
    result.push_back(env[i]);
  }
  return result;
}

Result<ProcessPlan> plan_process(const oci::Process& process, const oci::Spec& spec,
                                 const PassedDescriptors& passed) {
  ProcessPlan plan;
  plan.args = process.args;
  plan.cwd = process.cwd;
  std::vector<std::string> env = process.env;
  env.insert(env.end(), passed.env.begin(), passed.env.end());
  plan.passed_fds = passed.count;
  plan.env = effective_environment(env);
  plan.uid = process.user.uid;
  plan.gid = process.user.gid;
  plan.groups.assign(process.user.additional_gids.begin(), process.user.additional_gids.end());
  plan.umask = process.user.umask.value_or(022);
  if (spec.linux_.personality) {
    plan.personality =
        spec.linux_.personality->domain == "LINUX32" ? kPersonalityLinux32 : kPersonalityLinux;
  }
  if (spec.linux_.memory_policy) {
    STASIS_ASSIGN(plan.memory_policy, plan_memory_policy(*spec.linux_.memory_policy));
  }
  plan.user_namespace = spec.find_namespace(oci::NamespaceKind::kUser) != nullptr;
  // Who enters a user namespace gets all there are, whatever the bounding set was.
  plan.capabilities = plan_capabilities(
      process, plan.user_namespace ? ~std::uint64_t{0} : sys::read_bounding_set());
  plan.no_new_privileges = process.no_new_privileges;
  if (spec.linux_.seccomp) {
    STASIS_ASSIGN(plan.seccomp, compile_seccomp(*spec.linux_.seccomp));
  }
  STASIS_ASSIGN(plan.rlimits, plan_rlimits(process));
  plan.oom_score_adj = process.oom_score_adj;
  STASIS_ASSIGN(plan.scheduling, plan_scheduling(process));
  STASIS_ASSIGN(plan.confinement, plan_confinement(process));
  return plan;
}

Result<void> apply_limits(const ProcessPlan& plan, HostPid pid) {
  STASIS_TRY(apply_rlimits(plan.rlimits, pid));
  if (plan.oom_score_adj) STASIS_TRY(apply_oom_score(*plan.oom_score_adj, pid));
  return apply_scheduling(plan.scheduling, pid);
}

}  // namespace stasis::runtime
