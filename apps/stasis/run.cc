// stasis run: create and start in one, and usually stay until the end.
#include "arguments.h"
#include "command.h"

namespace stasis::cli {

Action add_run(CLI::App& command, const GlobalOptions& global) {
  auto request = std::make_shared<runtime::RunRequest>();
  add_create_options(command, request->create);
  command.add_flag_callback(
      "--detach,-d", [request] { request->attachment = runtime::Attachment::kDetached; },
      "detach from the container's process");
  command.add_flag_callback(
      "--keep", [request] { request->after_exit = runtime::AfterExit::kKeep; },
      "do not delete the container after it exits");
  command.add_flag_callback(
      "--no-subreaper", [request] { request->subreaper = runtime::Subreaper::kStay; },
      "do not adopt the container's orphaned processes");
  return [request, &global] {
    request->create.rootless = global.rootless;
    return runtime::run_container(store_of(global), *request);
  };
}

}  // namespace stasis::cli
