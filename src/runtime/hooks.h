// Hooks of config.json: programs that run at points of a container's life, with its state on their
// standard input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::runtime {

struct HookCall {
  std::string_view kind;   // "createRuntime", for errors
  std::string_view state;  // JSON, see oci::encode_state
  std::string directory;   // where the hook runs; "" is the caller's directory
};

// Runs them in order and stops at the first that fails: "createRuntime hook 0 '/bin/x': exit status
// 3: what it wrote to standard error". kTimeout: it outlasted its timeout, and was killed.
Result<void> run_hooks(const std::vector<oci::Hook>& hooks, const HookCall& call);

}  // namespace stasis::runtime
