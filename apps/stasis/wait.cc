// stasis wait: stays until a container has ended, and exits with its status.
#include "arguments.h"
#include "command.h"
#include "runtime/lifecycle.h"

namespace stasis::cli {

Action add_wait(CLI::App& command, const GlobalOptions& global) {
  auto id = std::make_shared<std::string>();
  add_id(command, *id);
  return [id, &global] { return runtime::wait_container(store_of(global), *id); };
}

}  // namespace stasis::cli
