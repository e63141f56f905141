// What a subcommand of the program is: one file each, `NAME.cc`, holding one function that adds the
// flags to a CLI::App and returns the action. A new command is one such file, its declaration here
// and its row in commands.cc.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "runtime/rootless.h"

namespace stasis::cli {

// Flags before the command's name.
struct GlobalOptions {
  std::string root;  // without --root the default, before the action runs
  bool root_given = false;
  std::string log_path;  // "" is standard error
  std::string log_format = "text";
  bool debug = false;
  bool systemd_cgroup = false;
  runtime::Rootless rootless = runtime::Rootless::kAuto;
};

// Runs after all flags are parsed; gives the program's exit status. An Error is logged by main,
// which then exits with the command's failure status.
using Action = std::function<Result<int>()>;

// Flags live in a shared_ptr that the action captures: `command` outlives only the parsing.
// `global` is valid, and filled in, when the action runs.
using AddCommand = Action (*)(CLI::App& command, const GlobalOptions& global);

// Whether the command's processes enter containers: then it runs from a protected copy of the
// program.
enum class Reach { kOutside, kContainers };

enum class ArgumentOrder {
  kAnywhere,    // flags may follow positional arguments
  kFlagsFirst,  // the first positional argument ends the flags: exec ID ls -l
};

struct Command {
  std::string_view name;
  std::string_view summary;
  AddCommand add;
  ArgumentOrder order = ArgumentOrder::kAnywhere;
  Reach reach = Reach::kOutside;
  int usage_status = 1;    // wrong flags or arguments
  int failure_status = 1;  // an Error from the action
};

std::span<const Command> commands();

inline constexpr const char* kHelp = "help";
inline constexpr const char* kShortHelp = "h";

// The exit status where a word should be a command's name and isn't; runc has the same.
inline constexpr int kUnknownTopic = 3;

}  // namespace stasis::cli
