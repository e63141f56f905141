// Flags that checkpoint and restore have in common with runc's: those of CRIU's that mean nothing
// to the engine of stasis, and those that ask for what it cannot do. docs/RUNC-FLAGS.md lists them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "command.h"

namespace stasis::cli {

struct EngineFlags {
  std::string cgroups_mode;
  std::vector<std::string> empty_namespaces;  // "network", checked
  std::string lsm_profile;
  // "--lazy-pages: why, and what to do": of flags that were given and cannot be carried out.
  std::vector<std::string> refused;
};

// --work-path, --manage-cgroups-mode, --empty-ns, --auto-dedup, --lazy-pages, --tcp-close,
// --lsm-profile, --lsm-mount-context. `flags` must outlive the parsing.
void add_engine_flags(CLI::App& command, EngineFlags& flags);

// Flags that check_engine_flags refuses when they are given; an option takes a value.
void add_refused_flag(CLI::App& command, EngineFlags& flags, const std::string& name,
                      const std::string& reason);
void add_refused_option(CLI::App& command, EngineFlags& flags, const std::string& name,
                        const std::string& reason);
// A flag that is true without being given.
void add_accepted_flag(CLI::App& command, const std::string& name, const std::string& description);

// After the parsing. kUnsupported: one was refused. kInvalidArgument: a value that is none.
Result<void> check_engine_flags(const EngineFlags& flags);

}  // namespace stasis::cli
