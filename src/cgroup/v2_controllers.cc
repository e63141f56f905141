#include "cgroup/v2_controllers.h"

#include <algorithm>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

Result<std::vector<std::string>> read_names(const std::string& file) {
  STASIS_ASSIGN(const std::string text, sys::read_file(file));
  std::vector<std::string> names;
  for (const auto name : split_blank(trim(text))) names.emplace_back(name);
  return names;
}

// The ancestors of `directory`, from the mount point on.
std::vector<std::string> ancestors(const Hierarchy& hierarchy, const std::string& directory) {
  std::vector<std::string> found;
  auto at = hierarchy.mount_point.size();
  while (at != std::string::npos && at < directory.size()) {
    found.push_back(directory.substr(0, at));
    at = directory.find('/', at + 1);
  }
  return found;
}

}  // namespace

Result<std::vector<std::string>> read_v2_controllers(const Hierarchy& hierarchy) {
  return read_names(hierarchy.mount_point + "/cgroup.controllers");
}

Result<void> enable_v2_controller(const Hierarchy& hierarchy, const std::string& directory,
                                  const std::string& controller) {
  for (const std::string& ancestor : ancestors(hierarchy, directory)) {
    const std::string control = ancestor + "/cgroup.subtree_control";
    STASIS_ASSIGN(const auto enabled, read_names(control));
    if (std::ranges::find(enabled, controller) != enabled.end()) continue;
    STASIS_TRY(sys::write_control_file(control, "+" + controller)
                   .context(fmt::format("enabling the '{}' controller", controller)));
  }
  return {};
}

Result<void> enable_v2_controllers(const Hierarchy& hierarchy, const std::string& directory) {
  for (const std::string& ancestor : ancestors(hierarchy, directory)) {
    const std::string control = ancestor + "/cgroup.subtree_control";
    STASIS_ASSIGN(const auto available, read_names(ancestor + "/cgroup.controllers"));
    STASIS_ASSIGN(const auto enabled, read_names(control));
    for (const std::string& name : available) {
      if (std::ranges::find(enabled, name) != enabled.end()) continue;
      static_cast<void>(sys::write_control_file(control, "+" + name));
    }
  }
  return {};
}

}  // namespace stasis::cgroup
