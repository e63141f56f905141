// stasis ps: the processes of a container, as the host's ps shows them.
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "runtime/inspection.h"
#include "sys/child_process.h"
#include "sys/file.h"

namespace stasis::cli {
namespace {

struct PsOptions {
  std::string format = "table";
};

// The output of `ps ARGUMENTS` of the host.
Result<std::string> run_ps(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"/bin/sh", "-c", "exec ps \"$@\"", "ps"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  STASIS_ASSIGN(sys::PipeFds pipe, sys::make_pipe());
  STASIS_ASSIGN(const HostPid pid, sys::clone_process(0));
  if (pid.value == 0) {
    static_cast<void>(sys::duplicate_onto(pipe.write_end.get(), 1));
    static_cast<void>(sys::execute(argv.front(), argv.data(), environ));
    ::_exit(127);
  }
  pipe.write_end.reset();
  auto output = sys::read_all(pipe.read_end.get());
  STASIS_ASSIGN(const sys::ExitStatus status, sys::wait_for_exit(pid));
  if (status.as_shell() != 0) {
    return fail(ErrorKind::kKernel, "ps failed with status {}", status.as_shell());
  }
  return output;
}

Result<int> run_ps_command(const CLI::App& command, const PsOptions& options,
                           const GlobalOptions& global) {
  std::vector<std::string> rest = command.remaining();
  if (rest.front() == "--") rest.erase(rest.begin());
  if (rest.empty()) return fail(ErrorKind::kInvalidArgument, "container id must not be empty");
  STASIS_ASSIGN(const auto pids, runtime::container_processes(store_of(global), rest.front()));
  rest.erase(rest.begin());
  if (options.format == "json") {
    std::vector<pid_t> numbers;
    for (const HostPid pid : pids) numbers.push_back(pid.value);
    STASIS_TRY(print_text(oci::encode_pids(numbers) + "\n"));
    return 0;
  }
  if (rest.empty()) rest.emplace_back("-ef");
  STASIS_ASSIGN(const std::string output, run_ps(rest));
  STASIS_ASSIGN(const std::string lines, runtime::filter_ps(output, pids));
  STASIS_TRY(print_text(lines));
  return 0;
}

}  // namespace

Action add_ps(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<PsOptions>();
  command.add_option("--format,-f", options->format, "table or json (default: \"table\")")
      ->check(CLI::IsMember({"table", "json"}));
  command.footer("ARGUMENTS:\n   <container-id> [ps options]");
  return [&command, options, &global] { return run_ps_command(command, *options, global); };
}

}  // namespace stasis::cli
