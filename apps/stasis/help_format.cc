#include "help_format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace stasis::cli {
namespace {

using Row = std::pair<std::string, std::string>;

std::string table(const std::vector<Row>& rows) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, row.first.size());
  std::string text;
  for (const Row& row : rows) text += fmt::format("   {:<{}}  {}\n", row.first, width, row.second);
  return text;
}

std::string flag_names(const CLI::Option& option) {
  std::string names;
  for (const auto& name : option.get_lnames()) names += (names.empty() ? "--" : ", --") + name;
  const bool takes_value = option.get_items_expected_max() > 0;
  if (takes_value) names += " value";
  for (const auto& name : option.get_snames()) {
    names += ", -" + name + (takes_value ? " value" : "");
  }
  return names;
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string /*name*/,
                                     CLI::AppFormatMode /*mode*/) const {
  const bool is_command = app->get_parent() != nullptr;
  const std::string name = is_command ? "stasis " + app->get_name() : "stasis";
  std::string arguments;
  std::vector<Row> options;
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) {
      arguments += fmt::format(" {}", option->get_name(true));
    } else if (!option->get_group().empty()) {
      options.emplace_back(flag_names(*option), option->get_description());
    }
  }
  std::string text =
      fmt::format("NAME:\n   {} - {}\n\nUSAGE:\n   {}{}\n", name, app->get_description(), name,
                  is_command ? " [command options]" + arguments
                             : " [global options] command [command options] [arguments...]");
  if (!is_command) {
    std::vector<Row> rows;
    for (const CLI::App* sub : app->get_subcommands({})) {
      rows.emplace_back(sub->get_name(), sub->get_description());
    }
    text += "\nCOMMANDS:\n" + table(rows);
  }
  if (!app->get_footer().empty()) text += "\n" + app->get_footer() + "\n";
  return text + (is_command ? "\nOPTIONS:\n" : "\nGLOBAL OPTIONS:\n") + table(options);
}

}  // namespace stasis::cli
