// stasis pause: freezes all processes of a container.
#include "arguments.h"
#include "command.h"
#include "runtime/lifecycle.h"

namespace stasis::cli {

Action add_pause(CLI::App& command, const GlobalOptions& global) {
  auto id = std::make_shared<std::string>();
  add_id(command, *id);
  return [id, &global]() -> Result<int> {
    STASIS_TRY(runtime::pause_container(store_of(global), *id));
    return 0;
  };
}

}  // namespace stasis::cli
