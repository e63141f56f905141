// stasis list: the containers under --root.
#include "arguments.h"
#include "command.h"
#include "runtime/inspection.h"

namespace stasis::cli {
namespace {

struct ListOptions {
  std::string format = "table";
  bool quiet = false;
};

std::string text_of(const std::vector<oci::ListEntry>& entries, const ListOptions& options) {
  if (!options.quiet) {
    return options.format == "json" ? oci::encode_list(entries) + "\n"
                                    : runtime::list_table(entries);
  }
  std::string ids;
  for (const oci::ListEntry& entry : entries) ids += entry.record.id + "\n";
  return ids;
}

Result<int> run_list(const ListOptions& options, const GlobalOptions& global) {
  auto found = runtime::list_containers(store_of(global));
  // Nobody has made a container yet; a directory that the caller named must exist.
  if (!found && found.error().kind() == ErrorKind::kNotFound && !global.root_given) {
    found = std::vector<oci::ListEntry>{};
  }
  STASIS_ASSIGN(const auto entries, std::move(found));
  STASIS_TRY(print_text(text_of(entries, options)));
  return 0;
}

}  // namespace

Action add_list(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<ListOptions>();
  command.add_option("--format,-f", options->format, "table or json (default: \"table\")")
      ->check(CLI::IsMember({"table", "json"}));
  command.add_flag("--quiet,-q", options->quiet, "display only container IDs");
  return [options, &global] { return run_list(*options, global); };
}

}  // namespace stasis::cli
