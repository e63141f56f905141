// stasis checkpoint: saves a running container to an image.
#include "arguments.h"
#include "command.h"
#include "runtime/checkpoint_container.h"

namespace stasis::cli {

Action add_checkpoint(CLI::App& command, const GlobalOptions& global) {
  auto request = std::make_shared<runtime::CheckpointRequest>();
  add_id(command, request->id);
  command.add_option("--image-path", request->image_path,
                     "directory that the image is written to; made with its parents");
  command.add_option("--work-path", request->work_path,
                     "accepted for the sake of callers: stasis keeps no work files");
  command.add_flag("--leave-running", request->leave_running,
                   "let the container go on after the checkpoint");
  command.add_flag("--tcp-established", request->tcp_established,
                   "save established TCP connections");
  command.add_flag("--ext-unix-sk", request->external_unix_sockets,
                   "allow unix sockets that are connected to the outside");
  command.add_flag("--shell-job", request->shell_job, "allow a terminal of the caller's");
  command.add_flag("--file-locks", request->file_locks, "save file locks");
  command.add_flag("--dry-run", request->dry_run,
                   "report what would be saved and what prevents it, and change nothing");
  return [request, &global]() -> Result<int> {
    if (request->image_path.empty() && !request->dry_run) {
      return fail(ErrorKind::kInvalidArgument, "\"checkpoint\" requires --image-path DIR");
    }
    STASIS_ASSIGN(const std::string report,
                  runtime::checkpoint_container(store_of(global), *request));
    print_text(report);
    return 0;
  };
}

}  // namespace stasis::cli
