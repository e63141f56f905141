// stasis restore: brings a container back from an image.
#include "arguments.h"
#include "command.h"
#include "runtime/restore_container.h"

namespace stasis::cli {

Action add_restore(CLI::App& command, const GlobalOptions& global) {
  auto request = std::make_shared<runtime::RestoreRequest>();
  add_id(command, request->id);
  command.add_option("--image-path", request->image_path, "directory that holds the image");
  command.add_option("--work-path", request->work_path,
                     "accepted for the sake of callers: stasis keeps no work files");
  command.add_option("--bundle,-b", request->bundle,
                     "path to the root of the bundle directory (default: the current directory)");
  command.add_option("--console-socket", request->console_socket,
                     "unix socket that receives the master end of the console");
  command.add_option("--pid-file", request->pid_file, "file to write the process id to");
  command.add_flag_callback(
      "--detach,-d", [request] { request->attachment = runtime::Attachment::kDetached; },
      "detach from the container's process");
  command.add_flag_callback(
      "--no-pivot", [request] { request->root_change = runtime::RootChange::kMove; },
      "do not use pivot_root: for a root file system on a ramdisk");
  command.add_flag_callback(
      "--no-subreaper", [request] { request->subreaper = runtime::Subreaper::kStay; },
      "do not adopt the container's orphaned processes");
  command.add_flag("--tcp-established", request->tcp_established,
                   "restore established TCP connections");
  command.add_flag("--ext-unix-sk", request->external_unix_sockets,
                   "reconnect unix sockets that were connected to the outside");
  command.add_flag("--shell-job", request->shell_job, "allow a terminal of the caller's");
  command.add_flag("--file-locks", request->file_locks, "restore file locks");
  auto dry_run = std::make_shared<bool>(false);
  command.add_flag("--dry-run", *dry_run, "print the plan of the restore and change nothing");
  return [request, dry_run, &global]() -> Result<int> {
    if (request->image_path.empty()) {
      return fail(ErrorKind::kInvalidArgument, "\"restore\" requires --image-path DIR");
    }
    if (*dry_run) {
      STASIS_ASSIGN(const std::string plan, runtime::describe_restore(*request));
      print_text(plan);
      return 0;
    }
    return runtime::restore_container(store_of(global), *request);
  };
}

}  // namespace stasis::cli
