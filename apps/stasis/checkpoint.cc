// stasis checkpoint: saves a running container to an image.
#include "arguments.h"
#include "command.h"
#include "engine_flags.h"
#include "runtime/checkpoint_container.h"

namespace stasis::cli {
namespace {

struct CheckpointOptions {
  runtime::CheckpointRequest request;
  EngineFlags engine;
};

void add_refused_flags(CLI::App& command, EngineFlags& flags) {
  add_refused_option(command, flags, "--parent-path",
                     "images that build on an earlier one are not supported: leave the flag out, "
                     "every image is complete");
  add_refused_option(command, flags, "--page-server",
                     "memory cannot be sent to a page server: write the image to a directory and "
                     "copy that");
  add_refused_flag(command, flags, "--pre-dump",
                   "there is no image of memory alone: leave the flag out, memory is copied while "
                   "the container runs with --leave-running");
}

Result<int> run_checkpoint(const CheckpointOptions& options, const GlobalOptions& global) {
  STASIS_TRY(check_engine_flags(options.engine));
  runtime::CheckpointRequest request = options.request;
  request.empty_network = !options.engine.empty_namespaces.empty();
  if (request.image_path.empty() && !request.dry_run) {
    return fail(ErrorKind::kInvalidArgument, "\"checkpoint\" requires --image-path DIR");
  }
  STASIS_ASSIGN(const std::string report, runtime::checkpoint_container(store_of(global), request));
  STASIS_TRY(print_text(report));
  return 0;
}

}  // namespace

Action add_checkpoint(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<CheckpointOptions>();
  runtime::CheckpointRequest& request = options->request;
  add_id(command, request.id);
  command.add_option("--image-path", request.image_path,
                     "directory that the image is written to; made with its parents");
  command.add_flag("--leave-running", request.leave_running,
                   "let the container go on after the checkpoint");
  command.add_flag("--tcp-established", request.tcp_established,
                   "save established TCP connections");
  command.add_flag("--ext-unix-sk", request.external_unix_sockets,
                   "allow unix sockets that are connected to the outside");
  command.add_flag("--shell-job", request.shell_job, "allow a terminal of the caller's");
  command.add_flag("--file-locks", request.file_locks, "save file locks");
  command.add_option("--status-fd", request.status_fd,
                     "descriptor that gets one NUL byte when the checkpoint begins (default: -1)");
  add_accepted_flag(command, "--tcp-skip-in-flight",
                    "of no effect: connections that no server has accepted are never saved");
  add_accepted_flag(command, "--link-remap",
                    "of no effect: the contents of deleted files are always saved");
  add_engine_flags(command, options->engine);
  add_refused_flags(command, options->engine);
  command.add_flag("--dry-run", request.dry_run,
                   "report what would be saved and what prevents it, and change nothing");
  return [options, &global] { return run_checkpoint(*options, global); };
}

}  // namespace stasis::cli
