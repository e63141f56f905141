// stasis kill: sends a signal to pid 1, or to all.
#include "arguments.h"
#include "command.h"
#include "runtime/lifecycle.h"

namespace stasis::cli {
namespace {

struct KillOptions {
  std::string id;
  std::string signal = "SIGTERM";
  runtime::KillScope scope = runtime::KillScope::kInit;
};

}  // namespace

Action add_kill(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<KillOptions>();
  add_id(command, options->id);
  command.add_option("signal", options->signal, "name or number (default: SIGTERM)");
  command.add_flag_callback(
      "--all,-a", [options] { options->scope = runtime::KillScope::kAll; },
      "send the signal to all processes of the container");
  return [options, &global]() -> Result<int> {
    STASIS_ASSIGN(const int signal, runtime::parse_signal(options->signal));
    STASIS_TRY(runtime::kill_container(store_of(global), options->id, signal, options->scope));
    return 0;
  };
}

}  // namespace stasis::cli
