// The program: global flags, the command's flags, one action, its exit status.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include <unistd.h>

#include "base/parse.h"
#include "command.h"
#include "help_format.h"
#include "log_output.h"
#include "runtime/protected_program.h"
#include "runtime/version.h"
#include "runtime/worker.h"
#include "single_dash.h"

namespace stasis::cli {
namespace {

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

void add_global_options(CLI::App& app, GlobalOptions& global) {
  app.add_flag("--debug", global.debug, "enable debug logging");
  app.add_option("--log", global.log_path,
                 "file that log lines are appended to (default: standard error)");
  app.add_option("--log-format", global.log_format, "text or json (default: \"text\")")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option_function<std::string>(
      "--root",
      [&global](const std::string& value) {
        global.root = value;
        global.root_given = true;
      },
      "directory that container state is kept in (default: \"/run/stasis\", without root's rights "
      "\"$XDG_RUNTIME_DIR/stasis\")");
  app.add_option_function<std::string>(
      "--criu", [](const std::string&) {}, "of no effect: stasis needs no criu");
  app.add_flag("--systemd-cgroup", global.systemd_cgroup, "refused: cgroups are made directly");
  app.add_option_function<std::string>(
         "--rootless",
         [&global](const std::string& value) {
           global.rootless = value == "true"    ? runtime::Rootless::kYes
                             : value == "false" ? runtime::Rootless::kNo
                                                : runtime::Rootless::kAuto;
         },
         "true, false or auto: do without cgroups that may not be made (default: \"auto\")")
      ->check(CLI::IsMember({"true", "false", "auto"}));
  app.set_version_flag("--version,-v", [] { return runtime::version_text(); });
}

bool enters_containers(const Command& command, int argc, char** argv) {
  const auto named = [&](std::string_view argument) { return argument == command.name; };
  return command.reach == Reach::kContainers && std::any_of(argv + 1, argv + argc, named);
}

// Before anything is parsed: an argument that only looks like a command's name costs a millisecond.
// Gives the exit status of a failure.
std::optional<int> protect_program(int argc, char** argv) {
  for (const Command& command : commands()) {
    if (!enters_containers(command, argc, argv)) continue;
    const auto safe = runtime::enter_protected_program(argv);
    if (safe) return std::nullopt;
    print(stderr, fmt::format("stasis: {}\n", safe.error().message()));
    return command.failure_status;
  }
  return std::nullopt;
}

// Only commands whose name stands in the arguments get their flags set up: building all of them on
// every start would cost more than some commands take. Without any (help, typos) all are,
// but for the version.
std::vector<const Command*> commands_to_build(int argc, char** argv) {
  const auto among_arguments = [&](std::string_view name) {
    return std::find(argv + 1, argv + argc, name) != argv + argc;
  };
  std::vector<const Command*> chosen;
  for (const Command& command : commands()) {
    if (among_arguments(command.name)) chosen.push_back(&command);
  }
  const bool for_help = among_arguments(kHelp) || among_arguments(kShortHelp);
  const bool for_version = among_arguments("--version") || among_arguments("-v");
  if (!for_help && (!chosen.empty() || for_version)) return chosen;
  chosen.clear();
  for (const Command& command : commands()) chosen.push_back(&command);
  return chosen;
}

struct BuiltCommand {
  const Command* command;
  CLI::App* app;
  Action action;
};

std::vector<BuiltCommand> build_commands(CLI::App& app, const GlobalOptions& global, int argc,
                                         char** argv) {
  std::vector<BuiltCommand> built;
  for (const Command* command : commands_to_build(argc, argv)) {
    CLI::App* sub = app.add_subcommand(std::string(command->name), std::string(command->summary));
    if (command->order == ArgumentOrder::kFlagsFirst) sub->prefix_command();
    sub->set_help_flag("--help,-h", "show help");
    Action action = command->add(*sub, global);
    built.push_back({command, sub, std::move(action)});
  }
  return built;
}

const BuiltCommand* find_parsed(const std::vector<BuiltCommand>& built) {
  for (const BuiltCommand& one : built) {
    if (one.app->parsed()) return &one;
  }
  return nullptr;
}

// Where the first argument ends the flags, the parser passes on whatever it does not know.
void check_first_argument(const BuiltCommand& parsed) {
  if (parsed.command->order != ArgumentOrder::kFlagsFirst) return;
  const std::vector<std::string> rest = parsed.app->remaining();
  if (rest.empty()) throw CLI::RequiredError("container-id");
  const std::string& first = rest.front();
  if (first.starts_with('-') && first != "--") throw CLI::ExtrasError({first});
}

Result<void> open_log(const GlobalOptions& global) {
  const auto format = global.log_format == "json" ? LogFormat::kJson : LogFormat::kText;
  const auto least = global.debug ? LogLevel::kDebug : LogLevel::kInfo;
  return open_log(global.log_path, format, least);
}

// In the words of Go's flag package where a caller tries out by them whether there is a flag:
// podman restores into pods if "restore --lsm-mount-context" needs an argument.
std::string usage_message(const CLI::ParseError& error) {
  const std::string text = error.what();
  const auto colon = text.find(':');
  const bool without_value =
      dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr && text.ends_with(" missing");
  if (!without_value || !text.starts_with("--") || colon == std::string::npos) return text;
  return "flag needs an argument: " + text.substr(1, colon - 1);
}

// "stasis NAME" with a name that is no command's.
std::optional<std::string> unknown_command(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  if (rest.empty() || rest.front().starts_with('-')) return std::nullopt;
  return rest.front();
}

int report_unknown_command(const std::string& name, const GlobalOptions& global) {
  const std::string message =
      fmt::format("no such command: '{}': `stasis help` lists the commands", name);
  print(stderr, message + "\n");
  if (!global.log_path.empty() && open_log(global)) write_log(LogLevel::kError, message);
  return kUnknownTopic;
}

int report_usage_error(const CLI::App& app, const BuiltCommand* parsed,
                       const CLI::ParseError& error, const GlobalOptions& global) {
  if (const auto name = unknown_command(app)) return report_unknown_command(*name, global);
  const CLI::App& concerned = parsed != nullptr ? *parsed->app : app;
  const std::string message = usage_message(error);
  print(stderr, fmt::format("Incorrect Usage: {}\n\n{}", message, concerned.help()));
  // Callers that give a log show what stands there. Without one the text above is enough.
  if (!global.log_path.empty() && open_log(global)) {
    write_log(LogLevel::kError, "Incorrect Usage: " + message);
  }
  return parsed != nullptr ? parsed->command->usage_status : 1;
}

// "2 things:\n  a\n  b" as "2 things: a; b": the shim passes on only the first line.
std::string in_one_line(std::string_view message) {
  std::string line;
  for (const auto part : split_lines(message)) {
    if (!line.empty()) line += line.ends_with(':') ? " " : "; ";
    line += trim(part);
  }
  return line;
}

Error refuse_systemd_cgroup() {
  return fail(
      ErrorKind::kUnsupported,
      "--systemd-cgroup: cgroups through systemd are not supported: set the engine's cgroup "
      "driver to cgroupfs");
}

Result<int> run_with_root(const BuiltCommand& parsed, GlobalOptions& global) {
  if (global.systemd_cgroup) return refuse_systemd_cgroup();
  if (!global.root_given) {
    STASIS_ASSIGN(global.root, runtime::default_state_root());
  }
  return parsed.action();
}

int run_action(const BuiltCommand& parsed, GlobalOptions& global) {
  if (const auto opened = open_log(global); !opened) {
    print(stderr, fmt::format("stasis: opening the log: {}\n", opened.error().message()));
    return parsed.command->failure_status;
  }
  const Result<int> status = run_with_root(parsed, global);
  if (status) return *status;
  const std::string message = status.error().message();
  write_log(LogLevel::kError, message);
  // As runc and crun do: containerd's shim looks at standard error for "does not exist" and
  // "container not running", and at the log only for what it shows to people.
  if (!global.log_path.empty()) print(stderr, in_one_line(message) + "\n");
  if (status.error().kind() == ErrorKind::kInterrupted) runtime::end_by_pending_signal();
  return parsed.command->failure_status;
}

int run(int argc, char** argv) {
  if (const auto failed = protect_program(argc, argv)) return *failed;
  GlobalOptions global;
  CLI::App app("an OCI runtime with native checkpoint and restore", "stasis");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("--help,-h", "show help");
  app.require_subcommand(0, 1);
  add_global_options(app, global);
  const auto built = build_commands(app, global, argc, argv);
  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    complete_single_dashes(app, arguments);
    std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 takes
    app.parse(std::move(arguments));
    if (const BuiltCommand* parsed = find_parsed(built)) check_first_argument(*parsed);
  } catch (const CLI::CallForHelp&) {
    const BuiltCommand* parsed = find_parsed(built);
    print(stdout, parsed != nullptr ? parsed->app->help() : app.help());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    print(stdout, fmt::format("{}\n", version.what()));
    return 0;
  } catch (const CLI::ParseError& error) {
    return report_usage_error(app, find_parsed(built), error, global);
  }
  const BuiltCommand* parsed = find_parsed(built);
  if (parsed == nullptr) {
    print(stdout, app.help());
    return 0;
  }
  return run_action(*parsed, global);
}

}  // namespace
}  // namespace stasis::cli

int main(int argc, char** argv) {
  // The exit status is all that is left to do: skipping static destructors saves page faults.
  const int status = stasis::cli::run(argc, argv);
  std::fflush(nullptr);
  ::_exit(status);
}
