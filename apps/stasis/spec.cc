// stasis spec: writes a config.json to start from.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "cgroup/hierarchy.h"
#include "command.h"
#include "oci/default_spec.h"
#include "sys/file.h"

namespace stasis::cli {
namespace {

struct SpecOptions {
  std::string bundle = ".";
  bool rootless = false;
};

// As runc: with v1, containers of old programs expect to see the paths of the host.
bool has_cgroup_v2_alone() {
  const auto hierarchies = cgroup::read_hierarchies();
  return hierarchies && !hierarchies->empty() &&
         std::ranges::all_of(*hierarchies, [](const cgroup::Hierarchy& one) {
           return one.version == cgroup::Version::kV2;
         });
}

Result<int> run_spec(const SpecOptions& options) {
  const std::string path = options.bundle + "/config.json";
  auto fd = sys::open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!fd && fd.error().kind() == ErrorKind::kConflict) {
    return fail(ErrorKind::kConflict, "file '{}' exists: remove it first", path);
  }
  STASIS_ASSIGN(const UniqueFd file, std::move(fd));
  std::string text = options.rootless ? oci::rootless_spec_text(::geteuid(), ::getegid())
                                      : std::string(oci::default_spec_text());
  if (has_cgroup_v2_alone()) text = oci::with_cgroup_namespace(text);
  STASIS_TRY(sys::write_all(file.get(), text));
  return 0;
}

}  // namespace

Action add_spec(CLI::App& command, const GlobalOptions& /*global*/) {
  auto options = std::make_shared<SpecOptions>();
  command.add_option("--bundle,-b", options->bundle, "path to the root of the bundle directory");
  command.add_flag("--rootless", options->rootless,
                   "for the user who runs stasis, in a user namespace");
  return [options] { return run_spec(*options); };
}

}  // namespace stasis::cli
