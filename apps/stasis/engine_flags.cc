#include "engine_flags.h"

namespace stasis::cli {
namespace {

constexpr const char* kRefused = "refused, with the reason";

Result<void> check_cgroups_mode(const std::string& mode) {
  if (mode.empty() || mode == "soft" || mode == "ignore") return {};
  if (mode == "full" || mode == "strict") {
    return fail(ErrorKind::kUnsupported,
                "--manage-cgroups-mode {}: images hold no cgroup settings, a restored container "
                "has those of its config.json: use soft or ignore",
                mode);
  }
  return fail(ErrorKind::kInvalidArgument,
              "--manage-cgroups-mode: expected soft, full, strict or ignore, found '{}'", mode);
}

Result<void> check_empty_namespaces(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == "network") continue;
    return fail(ErrorKind::kInvalidArgument, "--empty-ns: expected network, found '{}'", name);
  }
  return {};
}

Result<void> check_lsm_profile(const std::string& profile) {
  if (profile.empty() || profile == "apparmor:unconfined") return {};
  return fail(ErrorKind::kUnsupported,
              "--lsm-profile {}: profiles of AppArmor and SELinux are not restored: leave the flag "
              "out",
              profile);
}

}  // namespace

void add_refused_flag(CLI::App& command, EngineFlags& flags, const std::string& name,
                      const std::string& reason) {
  command.add_flag_callback(
      name, [&flags, name, reason] { flags.refused.push_back(name + ": " + reason); }, kRefused);
}

void add_refused_option(CLI::App& command, EngineFlags& flags, const std::string& name,
                        const std::string& reason) {
  command.add_option_function<std::string>(
      name,
      [&flags, name, reason](const std::string& value) {
        if (!value.empty()) flags.refused.push_back(name + ": " + reason);
      },
      kRefused);
}

void add_accepted_flag(CLI::App& command, const std::string& name, const std::string& description) {
  command.add_flag_callback(
      name, [] {}, description);
}

void add_engine_flags(CLI::App& command, EngineFlags& flags) {
  command.add_option_function<std::string>(
      "--work-path", [](const std::string&) {}, "of no effect: stasis keeps no work files");
  command.add_option("--manage-cgroups-mode", flags.cgroups_mode,
                     "soft or ignore: config.json decides (full and strict are refused)");
  command
      .add_option("--empty-ns", flags.empty_namespaces,
                  "\"network\": leave the network namespace to the caller's hooks")
      ->allow_extra_args(false);
  add_accepted_flag(command, "--auto-dedup",
                    "of no effect: no image repeats pages of an earlier one");
  add_refused_flag(command, flags, "--lazy-pages",
                   "memory cannot be restored page by page: leave the flag out");
  add_refused_flag(command, flags, "--tcp-close",
                   "connections cannot be restored as closed ones: have the program close them "
                   "before the checkpoint");
  command.add_option("--lsm-profile", flags.lsm_profile, "only \"apparmor:unconfined\"");
  add_refused_option(command, flags, "--lsm-mount-context",
                     "SELinux is not supported: leave the flag out");
}

Result<void> check_engine_flags(const EngineFlags& flags) {
  if (!flags.refused.empty()) return fail(ErrorKind::kUnsupported, "{}", flags.refused.front());
  STASIS_TRY(check_cgroups_mode(flags.cgroups_mode));
  STASIS_TRY(check_empty_namespaces(flags.empty_namespaces));
  return check_lsm_profile(flags.lsm_profile);
}

}  // namespace stasis::cli
