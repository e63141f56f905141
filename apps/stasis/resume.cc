// stasis resume: lets a paused container go on.
#include "arguments.h"
#include "command.h"
#include "runtime/lifecycle.h"

namespace stasis::cli {

Action add_resume(CLI::App& command, const GlobalOptions& global) {
  auto id = std::make_shared<std::string>();
  add_id(command, *id);
  return [id, &global]() -> Result<int> {
    STASIS_TRY(runtime::resume_container(store_of(global), *id));
    return 0;
  };
}

}  // namespace stasis::cli
