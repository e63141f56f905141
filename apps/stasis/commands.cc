// The registration list. Order is that of the help text.
#include <array>

#include "command.h"

namespace stasis::cli {

Action add_spec(CLI::App& command, const GlobalOptions& global);

namespace {

constexpr std::array kCommands{
    Command{.name = "spec", .summary = "create a new specification file", .add = add_spec},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace stasis::cli
