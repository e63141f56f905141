// Arguments that several subcommands share.
#pragma once

#include <memory>
#include <string>

#include "command.h"
#include "runtime/run.h"
#include "runtime/state_store.h"

namespace stasis::cli {

// The one positional argument of most commands. A second one, or none, is a usage error.
void add_id(CLI::App& command, std::string& id);

// --bundle, --console-socket, --pid-file, --no-pivot, --no-new-keyring, --preserve-fds and the id.
void add_create_options(CLI::App& command, runtime::CreateRequest& request);

inline runtime::StateStore store_of(const GlobalOptions& global) {
  return runtime::StateStore(global.root);
}

// Standard output, all of it, at once.
Result<void> print_text(std::string_view text);

}  // namespace stasis::cli
