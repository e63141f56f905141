// Long flags with one dash. runc's flags are those of Go's flag package, to which "-no-subreaper"
// and
// "--no-subreaper" are the same, and containerd's shim writes the former.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace stasis::cli {

// Gives every long flag of `app` and of its subcommands that has one dash its second one.
// `arguments` are those after the program's name. What follows "--", or the first argument of a
// command whose other arguments are somebody else's (exec, ps), stays as it is.
void complete_single_dashes(CLI::App& app, std::vector<std::string>& arguments);

}  // namespace stasis::cli
