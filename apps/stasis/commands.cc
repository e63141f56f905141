// The registration list. Order is that of the help text.
#include <array>

#include "command.h"

namespace stasis::cli {

Action add_checkpoint(CLI::App& command, const GlobalOptions& global);
Action add_create(CLI::App& command, const GlobalOptions& global);
Action add_delete(CLI::App& command, const GlobalOptions& global);
Action add_events(CLI::App& command, const GlobalOptions& global);
Action add_exec(CLI::App& command, const GlobalOptions& global);
Action add_features(CLI::App& command, const GlobalOptions& global);
Action add_help(CLI::App& command, const GlobalOptions& global);
Action add_inspect(CLI::App& command, const GlobalOptions& global);
Action add_kill(CLI::App& command, const GlobalOptions& global);
Action add_list(CLI::App& command, const GlobalOptions& global);
Action add_pause(CLI::App& command, const GlobalOptions& global);
Action add_ps(CLI::App& command, const GlobalOptions& global);
Action add_restore(CLI::App& command, const GlobalOptions& global);
Action add_resume(CLI::App& command, const GlobalOptions& global);
Action add_run(CLI::App& command, const GlobalOptions& global);
Action add_spec(CLI::App& command, const GlobalOptions& global);
Action add_start(CLI::App& command, const GlobalOptions& global);
Action add_state(CLI::App& command, const GlobalOptions& global);
Action add_update(CLI::App& command, const GlobalOptions& global);
Action add_verify(CLI::App& command, const GlobalOptions& global);
Action add_wait(CLI::App& command, const GlobalOptions& global);

namespace {

constexpr std::array kCommands{
    Command{.name = "checkpoint",
            .summary = "save a running container to an image",
            .add = add_checkpoint,
            .usage_status = 2},
    Command{.name = "create",
            .summary = "create a container",
            .add = add_create,
            .reach = Reach::kContainers},
    Command{.name = "delete", .summary = "delete what a container holds", .add = add_delete},
    Command{.name = "events",
            .summary = "show what a container uses, and when it runs out of memory",
            .add = add_events},
    Command{.name = "exec",
            .summary = "run a process in a container",
            .add = add_exec,
            .order = ArgumentOrder::kFlagsFirst,
            .reach = Reach::kContainers,
            .failure_status = 255},
    Command{.name = "features", .summary = "show what this runtime can do", .add = add_features},
    Command{.name = kHelp,
            .summary = "show the help of a command",
            .add = add_help,
            .failure_status = kUnknownTopic},
    Command{.name = "inspect", .summary = "show what a checkpoint image holds", .add = add_inspect},
    Command{.name = "kill", .summary = "send a signal to a container", .add = add_kill},
    Command{.name = "list", .summary = "list containers", .add = add_list},
    Command{.name = "pause", .summary = "freeze all processes of a container", .add = add_pause},
    Command{.name = "ps",
            .summary = "show the processes of a container",
            .add = add_ps,
            .order = ArgumentOrder::kFlagsFirst},
    Command{.name = "restore",
            .summary = "bring a container back from an image",
            .add = add_restore,
            .reach = Reach::kContainers,
            .usage_status = 2},
    Command{.name = "resume", .summary = "let a paused container go on", .add = add_resume},
    Command{.name = "run",
            .summary = "create and run a container",
            .add = add_run,
            .reach = Reach::kContainers},
    Command{.name = "spec", .summary = "create a new specification file", .add = add_spec},
    Command{.name = "start", .summary = "start a created container", .add = add_start},
    Command{.name = "state", .summary = "print the state of a container", .add = add_state},
    Command{.name = "update", .summary = "change the limits of a container", .add = add_update},
    Command{
        .name = "verify", .summary = "check every byte of a checkpoint image", .add = add_verify},
    Command{.name = "wait", .summary = "wait until a container has ended", .add = add_wait},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace stasis::cli
