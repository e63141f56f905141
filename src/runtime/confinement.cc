#include "runtime/confinement.h"

#include <fcntl.h>

#include "sys/apparmor.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

constexpr std::string_view kUnconfined = "unconfined";

Result<UniqueFd> open_proc() { return sys::open("/proc", O_PATH | O_DIRECTORY); }

}  // namespace

Result<std::optional<Confinement>> plan_confinement(const oci::Process& process) {
  const std::string& profile = process.apparmor_profile;
  if (profile.empty()) return std::nullopt;
  if (!sys::apparmor_is_enabled()) {
    if (profile == kUnconfined) return std::nullopt;
    return fail(ErrorKind::kUnsupported,
                "process.apparmorProfile: '{}': this kernel has no AppArmor, or it is switched "
                "off: leave the profile out, or boot with apparmor=1",
                profile);
  }
  STASIS_ASSIGN(UniqueFd proc, open_proc());
  return Confinement{profile, std::move(proc)};
}

Result<void> confine_on_exec(const Confinement& confinement) {
  return sys::set_apparmor_profile_on_exec(confinement.proc.get(), confinement.apparmor_profile)
      .context(fmt::format("process.apparmorProfile: '{}': is it loaded?",
                           confinement.apparmor_profile));
}

Result<void> refuse_confined_processes(std::span<const HostPid> processes) {
  if (!sys::apparmor_is_enabled()) return {};
  STASIS_ASSIGN(const UniqueFd proc, open_proc());
  for (const HostPid pid : processes) {
    STASIS_ASSIGN(const std::string label,
                  sys::get_apparmor_label(proc.get(), pid)
                      .context(fmt::format("the AppArmor label of process {}", pid.value)));
    if (label == kUnconfined) continue;
    return fail(ErrorKind::kUnsupported,
                "process {} is under the AppArmor profile '{}', which cannot be restored: run the "
                "container with the profile \"unconfined\"",
                pid.value, label);
  }
  return {};
}

Result<void> refuse_confined_restore(const oci::Process& process) {
  STASIS_ASSIGN(const auto confinement, plan_confinement(process));
  if (!confinement || confinement->apparmor_profile == kUnconfined) return {};
  return fail(ErrorKind::kUnsupported,
              "process.apparmorProfile: restored processes cannot be put under '{}': use "
              "\"unconfined\"",
              confinement->apparmor_profile);
}

}  // namespace stasis::runtime
