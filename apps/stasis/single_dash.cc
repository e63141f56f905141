#include "single_dash.h"

namespace stasis::cli {
namespace {

CLI::App* find_command(CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](CLI::App* one) { return one->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

// Completes one flag. True when the next argument is its value.
bool complete_flag(CLI::App& app, std::string& argument) {
  const auto equals = argument.find('=');
  const std::string name = argument.substr(0, equals);
  const bool one_dash = name[1] != '-';
  const CLI::Option* option = app.get_option_no_throw(name);
  if (option == nullptr && one_dash) {
    option = app.get_option_no_throw("-" + name);
    if (option != nullptr) argument.insert(0, 1, '-');
  }
  return option != nullptr && equals == std::string::npos && option->get_items_expected_max() > 0;
}

}  // namespace

void complete_single_dashes(CLI::App& app, std::vector<std::string>& arguments) {
  CLI::App* current = &app;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string& argument = arguments[i];
    if (argument == "--") {
      // CLI11 would give what follows to the program; an id that looks like a flag stays refused.
      const bool before_id = current->get_prefix_command() && i + 1 < arguments.size();
      if (before_id && !arguments[i + 1].starts_with('-')) {
        arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
      }
      return;
    }
    if (argument.size() > 1 && argument[0] == '-') {
      if (complete_flag(*current, argument)) ++i;
    } else if (current == &app) {
      current = find_command(app, argument);
      if (current == nullptr) return;
    } else if (current->get_prefix_command()) {
      return;
    }
  }
}

}  // namespace stasis::cli
