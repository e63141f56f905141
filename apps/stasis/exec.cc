// stasis exec: runs a process in a container. Exits 255 for every failure of its own.
#include "runtime/exec.h"
#include "arguments.h"
#include "command.h"

namespace stasis::cli {
namespace {

struct ExecOptions {
  runtime::ExecRequest request;
  std::string process_label;
};

void add_process_options(CLI::App& command, const std::shared_ptr<ExecOptions>& options) {
  runtime::ExecRequest& request = options->request;
  command.add_option("--process,-p", request.process_file, "path to a process.json");
  command.add_option("--cwd", request.cwd, "current working directory in the container");
  command.add_option("--env,-e", request.env, "set environment variables")->allow_extra_args(false);
  command.add_option("--user,-u", request.user, "UID (format: <uid>[:<gid>])");
  command.add_option("--additional-gids,-g", request.additional_gids, "additional gids")
      ->allow_extra_args(false);
  command.add_option("--cap,-c", request.capabilities, "add a capability for the process")
      ->allow_extra_args(false);
  command.add_option("--apparmor", request.apparmor_profile, "AppArmor profile of the process");
  command.add_option("--process-label", options->process_label, "refused: needs SELinux");
  command.add_flag("--no-new-privs", request.no_new_privileges,
                   "set the no new privileges value for the process");
  command.add_option("--preserve-fds", request.preserved_fds,
                     "pass N additional file descriptors to the process");
}

Result<int> run_exec(const CLI::App& command, const ExecOptions& options,
                     const GlobalOptions& global) {
  runtime::ExecRequest request = options.request;
  std::vector<std::string> rest = command.remaining();
  if (!rest.empty() && rest.front() == "--") rest.erase(rest.begin());
  if (rest.empty()) return fail(ErrorKind::kInvalidArgument, "container id must not be empty");
  request.id = rest.front();
  request.args.assign(rest.begin() + 1, rest.end());
  if (!request.args.empty() && request.args.front() == "--")
    request.args.erase(request.args.begin());
  if (request.args.empty() && request.process_file.empty()) {
    return fail(ErrorKind::kInvalidArgument, "\"exec\" requires a command, or --process");
  }
  if (!options.process_label.empty()) {
    return fail(ErrorKind::kUnsupported, "--process-label: SELinux is not supported by stasis");
  }
  return runtime::exec_in_container(store_of(global), request);
}

}  // namespace

Action add_exec(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<ExecOptions>();
  runtime::ExecRequest& request = options->request;
  add_process_options(command, options);
  command.add_flag("--tty,-t", request.terminal, "allocate a pseudo-TTY");
  command.add_option("--console-socket", request.console_socket,
                     "unix socket that receives the master end of the terminal");
  command.add_option("--pidfd-socket", request.pidfd_socket,
                     "unix socket that receives a pidfd of the process");
  command.add_option("--pid-file", request.pid_file, "file to write the process id to");
  command.add_flag_callback(
      "--detach,-d", [options] { options->request.attachment = runtime::Attachment::kDetached; },
      "detach from the process");
  command
      .add_option("--cgroup", request.subgroups,
                  "run in an existing sub-cgroup, of one hierarchy with \"controller:\" before it")
      ->allow_extra_args(false);
  command.add_flag_callback(
      "--ignore-paused", [options] { options->request.when_paused = runtime::WhenPaused::kGoOn; },
      "allow exec in a paused container");
  command.footer("ARGUMENTS:\n   <container-id> <command> [arguments...]");
  return [&command, options, &global] { return run_exec(command, *options, global); };
}

}  // namespace stasis::cli
