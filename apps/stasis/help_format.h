// Help texts in runc's shape: NAME, USAGE, COMMANDS, OPTIONS.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace stasis::cli {

class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace stasis::cli
