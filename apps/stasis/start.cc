// stasis start: lets a created container's program begin.
#include "runtime/start.h"
#include "arguments.h"
#include "command.h"

namespace stasis::cli {

Action add_start(CLI::App& command, const GlobalOptions& global) {
  auto id = std::make_shared<std::string>();
  add_id(command, *id);
  return [id, &global]() -> Result<int> {
    STASIS_TRY(runtime::start_container(store_of(global), *id));
    return 0;
  };
}

}  // namespace stasis::cli
