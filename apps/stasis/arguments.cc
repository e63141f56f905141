#include "arguments.h"

#include <unistd.h>

#include "sys/file.h"

namespace stasis::cli {

void add_id(CLI::App& command, std::string& id) {
  command.add_option("container-id", id, "the container's name")->required();
}

void add_create_options(CLI::App& command, runtime::CreateRequest& request) {
  add_id(command, request.id);
  command.add_option("--bundle,-b", request.bundle,
                     "path to the root of the bundle directory (default: the current directory)");
  command.add_option("--console-socket", request.console_socket,
                     "unix socket that receives the master end of the console");
  command.add_option("--pidfd-socket", request.pidfd_socket,
                     "unix socket that receives a pidfd of the process");
  command.add_option("--pid-file", request.pid_file, "file to write the process id to");
  command.add_flag_callback(
      "--no-pivot", [&request] { request.root_change = runtime::RootChange::kMove; },
      "do not use pivot_root: for a root file system on a ramdisk");
  command.add_flag_callback(
      "--no-new-keyring", [&request] { request.keyring = runtime::Keyring::kInherited; },
      "do not make a new session keyring for the container");
  command.add_option("--preserve-fds", request.preserved_fds,
                     "pass N additional file descriptors to the container");
}

Result<void> print_text(std::string_view text) {
  return sys::write_all(STDOUT_FILENO, text).context("standard output");
}

}  // namespace stasis::cli
