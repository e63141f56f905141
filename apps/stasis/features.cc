// stasis features: what this runtime can do, as the specification's features structure.
#include "arguments.h"
#include "command.h"
#include "oci/state.h"
#include "runtime/capability_names.h"
#include "runtime/memory_policy.h"
#include "runtime/mount_options.h"
#include "runtime/seccomp_program.h"
#include "runtime/version.h"

namespace stasis::cli {

Action add_features(CLI::App& /*command*/, const GlobalOptions& /*global*/) {
  return []() -> Result<int> {
    oci::Features features;
    features.version_min = "1.0.0";
    features.version_max = runtime::kOciVersion;
    features.hooks = {"prestart",       "createRuntime", "createContainer",
                      "startContainer", "poststart",     "poststop"};
    features.mount_options = runtime::known_mount_options();
    features.namespaces = {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"};
    features.capabilities = runtime::known_capabilities();
    features.seccomp_actions = runtime::known_seccomp_actions();
    features.seccomp_operators = runtime::known_seccomp_operators();
    features.seccomp_archs = runtime::known_seccomp_architectures();
    features.seccomp_flags = runtime::known_seccomp_flags();
    features.memory_policy_modes = runtime::known_memory_policy_modes();
    features.memory_policy_flags = runtime::known_memory_policy_flags();
    features.annotations = {{"io.github.stasis.version", runtime::kVersion}};
    STASIS_TRY(print_text(oci::encode_features(features) + "\n"));
    return 0;
  };
}

}  // namespace stasis::cli
