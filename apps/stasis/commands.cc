// The registration list. Order is that of the help text.
#include <array>

#include "command.h"

namespace stasis::cli {

Action add_spec(CLI::App& command, const GlobalOptions& global);
Action add_inspect(CLI::App& command, const GlobalOptions& global);
Action add_verify(CLI::App& command, const GlobalOptions& global);

namespace {

constexpr std::array kCommands{
    Command{.name = "spec", .summary = "create a new specification file", .add = add_spec},
    Command{.name = "inspect", .summary = "show what a checkpoint image holds", .add = add_inspect},
    Command{
        .name = "verify", .summary = "check every byte of a checkpoint image", .add = add_verify},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace stasis::cli
