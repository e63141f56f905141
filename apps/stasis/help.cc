// stasis help: the help text of the program, or of one of its commands.
#include "arguments.h"
#include "command.h"

namespace stasis::cli {

Action add_help(CLI::App& command, const GlobalOptions& /*global*/) {
  command.alias(kShortHelp);
  auto topic = std::make_shared<std::string>();
  command.add_option("command", *topic, "the command to explain");
  return [&command, topic]() -> Result<int> {
    CLI::App& program = *command.get_parent();
    const auto named =
        program.get_subcommands([&](const CLI::App* other) { return other->get_name() == *topic; });
    if (named.empty() && !topic->empty()) {
      return fail(ErrorKind::kNotFound, "no help topic for '{}': `stasis help` lists the commands",
                  *topic);
    }
    // Not App::help: that of the program is the help of the command that was parsed, of this one.
    const CLI::App* concerned = named.empty() ? &program : named.front();
    STASIS_TRY(
        print_text(program.get_formatter()->make_help(concerned, "", CLI::AppFormatMode::Normal)));
    return 0;
  };
}

}  // namespace stasis::cli
