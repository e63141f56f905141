#include "sys/apparmor.h"

#include <fcntl.h>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::sys {
namespace {

// attr/apparmor is AppArmor's alone (Linux 5.8); attr/exec and attr/current are those of the first
// security module that has them.
Result<UniqueFd> open_attribute(int proc_fd, const std::string& process, const std::string& name,
                                int flags) {
  auto own = open_at(proc_fd, fmt::format("{}/attr/apparmor/{}", process, name), flags);
  if (own || own.error().kind() != ErrorKind::kNotFound) return own;
  return open_at(proc_fd, fmt::format("{}/attr/{}", process, name), flags);
}

}  // namespace

bool apparmor_is_enabled(const std::string& sysfs) {
  const auto enabled = read_file(sysfs + "/module/apparmor/parameters/enabled");
  return enabled && enabled->starts_with('Y');
}

Result<void> set_apparmor_profile_on_exec(int proc_fd, const std::string& profile) {
  STASIS_ASSIGN(const UniqueFd attribute, open_attribute(proc_fd, "self", "exec", O_WRONLY));
  return write_all(attribute.get(), "exec " + profile);
}

Result<std::string> get_apparmor_label(int proc_fd, HostPid pid) {
  STASIS_ASSIGN(const UniqueFd attribute,
                open_attribute(proc_fd, std::to_string(pid.value), "current", O_RDONLY));
  STASIS_ASSIGN(const std::string text, read_all(attribute.get()));
  return std::string(trim(text));
}

}  // namespace stasis::sys
