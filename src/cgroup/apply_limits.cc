#include <algorithm>
#include <cerrno>

#include "base/parse.h"
#include "cgroup/resources.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

Result<std::vector<std::string>> read_v2_controllers(const Hierarchy& hierarchy) {
  STASIS_ASSIGN(const std::string text,
                sys::read_file(hierarchy.mount_point + "/cgroup.controllers"));
  std::vector<std::string> names;
  for (const auto name : split_blank(trim(text))) names.emplace_back(name);
  return names;
}

// A cgroup has a v2 controller's files when its parent gives the controller to its children; so
// must every ancestor.
Result<void> enable_v2_controller(const Hierarchy& hierarchy, const std::string& directory,
                                  const std::string& controller) {
  auto at = hierarchy.mount_point.size();
  while (at != std::string::npos && at < directory.size()) {
    const std::string control = directory.substr(0, at) + "/cgroup.subtree_control";
    STASIS_ASSIGN(const std::string enabled, sys::read_file(control));
    const auto names = split_blank(trim(enabled));
    if (std::ranges::find(names, controller) == names.end()) {
      STASIS_TRY(sys::write_control_file(control, "+" + controller)
                     .context(fmt::format("enabling the '{}' controller", controller)));
    }
    at = directory.find('/', at + 1);
  }
  return {};
}

Error missing_controller(const ControlWrite& write) {
  return fail(ErrorKind::kUnsupported,
              "limit '{}' needs the '{}' cgroup controller, which is not mounted here", write.file,
              write.controller);
}

// "blkio.weight" is gone on kernels with the BFQ scheduler only, which has a file of its own.
Result<void> write_control(const std::string& directory, const ControlWrite& write) {
  auto written = sys::write_control_file(directory + "/" + write.file, write.value);
  if (!written && written.error().error_number() == ENOENT && write.file == "blkio.weight") {
    written = sys::write_control_file(directory + "/blkio.bfq.weight", write.value);
  }
  return written;
}

}  // namespace

Result<void> apply_limits(const Limits& limits, const ContainerCgroup& cgroup,
                          const std::vector<Hierarchy>& hierarchies) {
  const auto v2 = std::ranges::find(hierarchies, Version::kV2, &Hierarchy::version);
  const bool only_v2 = std::ranges::all_of(
      hierarchies, [](const Hierarchy& one) { return one.version == Version::kV2; });
  std::vector<std::string> v2_controllers;
  if (v2 != hierarchies.end()) {
    STASIS_ASSIGN(v2_controllers, read_v2_controllers(*v2));
  }
  const auto in_v2 = [&](std::string_view controller) {
    return std::ranges::find(v2_controllers, controller) != v2_controllers.end();
  };
  const auto version_of = [&](std::string_view controller) {
    const bool v2_has_it = in_v2(controller == "blkio" ? "io" : controller);
    return only_v2 || (v2_has_it && cgroup.find(controller) == nullptr) ? Version::kV2
                                                                        : Version::kV1;
  };
  STASIS_ASSIGN(const auto writes, plan_limits(limits, version_of));
  for (const ControlWrite& write : writes) {
    if (const CgroupDirectory* v1 = cgroup.find(write.controller)) {
      STASIS_TRY(write_control(v1->directory, write));
    } else if (in_v2(write.controller) && cgroup.find_v2() != nullptr) {
      const std::string& directory = cgroup.find_v2()->directory;
      STASIS_TRY(enable_v2_controller(*v2, directory, write.controller));
      STASIS_TRY(write_control(directory, write));
    } else {
      return missing_controller(write);
    }
  }
  return {};
}

}  // namespace stasis::cgroup
