// stasis state: prints the state of the runtime specification as JSON.
#include "arguments.h"
#include "command.h"
#include "runtime/inspection.h"

namespace stasis::cli {

Action add_state(CLI::App& command, const GlobalOptions& global) {
  auto id = std::make_shared<std::string>();
  add_id(command, *id);
  return [id, &global]() -> Result<int> {
    STASIS_ASSIGN(const std::string text, runtime::state_text(store_of(global), *id));
    STASIS_TRY(print_text(text + "\n"));
    return 0;
  };
}

}  // namespace stasis::cli
