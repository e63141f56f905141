// Hooks of config.json: programs that run at points of a container's life, with its state on their
// standard input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/spec.h"
#include "oci/state.h"

namespace stasis::runtime {

struct HookCall {
  std::string_view kind;   // "createRuntime", for errors
  std::string_view state;  // JSON, see oci::encode_state
  std::string directory;   // where the hook runs; "" is the caller's directory
};

// Runs them in order and stops at the first that fails, in runc's words: "error running
// createRuntime hook #0: exit status 3, stdout: ..., stderr: ...". kTimeout: it outlasted its
// timeout, which counts from before it is started, and was killed.
Result<void> run_hooks(const std::vector<oci::Hook>& hooks, const HookCall& call);

// For a container that is gone. What fails is a warning, and the others still run.
void run_poststop_hooks(const std::vector<oci::Hook>& hooks, const oci::ContainerRecord& record);

}  // namespace stasis::runtime
