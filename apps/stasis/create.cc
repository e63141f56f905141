// stasis create: a container whose program waits for `start`.
#include "arguments.h"
#include "command.h"

namespace stasis::cli {

Action add_create(CLI::App& command, const GlobalOptions& global) {
  auto request = std::make_shared<runtime::CreateRequest>();
  add_create_options(command, *request);
  return [request, &global]() -> Result<int> {
    request->rootless = global.rootless;
    STASIS_TRY(runtime::create_container(store_of(global), *request));
    return 0;
  };
}

}  // namespace stasis::cli
