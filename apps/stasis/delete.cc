// stasis delete: removes what a container holds.
#include "arguments.h"
#include "command.h"
#include "runtime/lifecycle.h"

namespace stasis::cli {
namespace {

struct DeleteOptions {
  std::string id;
  runtime::Force force = runtime::Force::kNo;
};

}  // namespace

Action add_delete(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<DeleteOptions>();
  add_id(command, options->id);
  command.add_flag_callback(
      "--force,-f", [options] { options->force = runtime::Force::kYes; },
      "kill the container first if it runs");
  return [options, &global]() -> Result<int> {
    STASIS_TRY(runtime::delete_container(store_of(global), options->id, options->force));
    return 0;
  };
}

}  // namespace stasis::cli
