#include "oci/spec_readers.h"

namespace stasis::oci {
Result<void> read_value(const Node& node, ConsoleSize& into) {
  return Members(node, Unknown::kIgnore)
      .required("height", into.height)
      .required("width", into.width)
      .finish();
}

Result<void> read_value(const Node& node, User& into) {
  return Members(node, Unknown::kRefuse)
      .optional("uid", into.uid)
      .optional("gid", into.gid)
      .optional("umask", into.umask)
      .optional("additionalGids", into.additional_gids)
      .ignored("username")  // other platforms only
      .finish();
}

Result<void> read_value(const Node& node, Capabilities& into) {
  return Members(node, Unknown::kRefuse)
      .optional("bounding", into.bounding)
      .optional("effective", into.effective)
      .optional("inheritable", into.inheritable)
      .optional("permitted", into.permitted)
      .optional("ambient", into.ambient)
      .finish();
}

Result<void> read_value(const Node& node, Rlimit& into) {
  return Members(node, Unknown::kRefuse)
      .required("type", into.type)
      .required("soft", into.soft)
      .required("hard", into.hard)
      .finish();
}

Result<void> read_value(const Node& node, Scheduler& into) {
  return Members(node, Unknown::kRefuse)
      .required("policy", into.policy)
      .optional("nice", into.nice)
      .optional("priority", into.priority)
      .optional("flags", into.flags)
      .optional("runtime", into.runtime)
      .optional("deadline", into.deadline)
      .optional("period", into.period)
      .finish();
}

Result<void> read_value(const Node& node, IoPriority& into) {
  return Members(node, Unknown::kRefuse)
      .required("class", into.io_class)
      .optional("priority", into.priority)
      .finish();
}

Result<void> read_value(const Node& node, ExecAffinity& into) {
  return Members(node, Unknown::kRefuse)
      .optional("initial", into.initial)
      .optional("final", into.final_)
      .finish();
}

Result<void> read_value(const Node& node, Process& into) {
  return Members(node, Unknown::kRefuse)
      .optional("terminal", into.terminal)
      .optional("consoleSize", into.console_size)
      .optional("user", into.user)
      .optional("args", into.args)
      .ignored("commandLine")  // Windows only
      .optional("env", into.env)
      .required("cwd", into.cwd)
      .optional("capabilities", into.capabilities)
      .optional("rlimits", into.rlimits)
      .optional("noNewPrivileges", into.no_new_privileges)
      .optional("oomScoreAdj", into.oom_score_adj)
      .optional("apparmorProfile", into.apparmor_profile)
      .optional("selinuxLabel", into.selinux_label)
      .optional("scheduler", into.scheduler)
      .optional("ioPriority", into.io_priority)
      .optional("execCPUAffinity", into.exec_affinity)
      .finish();
}

}  // namespace stasis::oci
