// stasis restore: brings a container back from an image.
#include "arguments.h"
#include "command.h"
#include "engine_flags.h"
#include "runtime/restore_container.h"

namespace stasis::cli {
namespace {

struct RestoreOptions {
  runtime::RestoreRequest request;
  EngineFlags engine;
  bool dry_run = false;
};

// What the image holds is restored: that it may hold such things was decided at the checkpoint.
void add_kinds_of_state(CLI::App& command, runtime::RestoreRequest& request) {
  add_accepted_flag(command, "--tcp-established",
                    "of no effect: TCP connections that the image holds are restored");
  add_accepted_flag(command, "--ext-unix-sk",
                    "of no effect: what the image holds of unix sockets is restored");
  add_accepted_flag(command, "--file-locks",
                    "of no effect: file locks that the image holds are restored");
  command.add_flag("--shell-job", request.shell_job, "allow a terminal of the caller's");
}

void add_ways_to_run(CLI::App& command, runtime::RestoreRequest& request) {
  command.add_option("--bundle,-b", request.bundle,
                     "path to the root of the bundle directory (default: the current directory)");
  command.add_option("--console-socket", request.console_socket,
                     "unix socket that receives the master end of the console");
  command.add_option("--pidfd-socket", request.pidfd_socket,
                     "unix socket that receives a pidfd of the process");
  command.add_option("--pid-file", request.pid_file, "file to write the process id to");
  command.add_flag_callback(
      "--detach,-d", [&request] { request.attachment = runtime::Attachment::kDetached; },
      "detach from the container's process");
  command.add_flag_callback(
      "--no-pivot", [&request] { request.root_change = runtime::RootChange::kMove; },
      "do not use pivot_root: for a root file system on a ramdisk");
  command.add_flag_callback(
      "--no-subreaper", [&request] { request.subreaper = runtime::Subreaper::kStay; },
      "do not adopt the container's orphaned processes");
}

Result<int> run_restore(const RestoreOptions& options, const GlobalOptions& global) {
  STASIS_TRY(check_engine_flags(options.engine));
  if (options.request.image_path.empty()) {
    return fail(ErrorKind::kInvalidArgument, "\"restore\" requires --image-path DIR");
  }
  runtime::RestoreRequest request = options.request;
  request.empty_network = !options.engine.empty_namespaces.empty();
  if (!options.dry_run) return runtime::restore_container(store_of(global), request);
  STASIS_ASSIGN(const std::string plan, runtime::describe_restore(request));
  STASIS_TRY(print_text(plan));
  return 0;
}

}  // namespace

Action add_restore(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<RestoreOptions>();
  add_id(command, options->request.id);
  command.add_option("--image-path", options->request.image_path, "directory that holds the image");
  add_ways_to_run(command, options->request);
  add_kinds_of_state(command, options->request);
  add_engine_flags(command, options->engine);
  command.add_flag("--dry-run", options->dry_run,
                   "print the plan of the restore and change nothing");
  return [options, &global] { return run_restore(*options, global); };
}

}  // namespace stasis::cli
