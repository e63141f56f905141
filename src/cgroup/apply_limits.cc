#include <algorithm>
#include <cerrno>

#include "base/parse.h"
#include "cgroup/plan_parts.h"
#include "cgroup/present_limits.h"
#include "cgroup/v2_controllers.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

// Where controllers are, for one container.
class Controllers {
 public:
  static Result<Controllers> find(const ContainerCgroup& cgroup,
                                  const std::vector<Hierarchy>& hierarchies) {
    Controllers found(cgroup, hierarchies);
    const auto v2 = std::ranges::find(hierarchies, Version::kV2, &Hierarchy::version);
    if (v2 == hierarchies.end()) return found;
    found.v2_ = &*v2;
    STASIS_ASSIGN(found.in_v2_, read_v2_controllers(*v2));
    return found;
  }

  // v1 and v2 have different names for one controller.
  Version version_of(std::string_view controller) const {
    if (is_mounted_v1(controller)) return Version::kV1;
    return only_v2() || is_in_v2(controller == "blkio" ? "io" : controller) ? Version::kV2
                                                                            : Version::kV1;
  }

  // Where the container's control files of this controller are; "": nowhere.
  std::string directory_of(Version version, std::string_view controller) const {
    const CgroupDirectory* one = cgroup_.find_v2();
    if (version == Version::kV1) {
      one = cgroup_.find(controller);
    } else if (controller != "cgroup" && !is_in_v2(controller)) {
      one = nullptr;
    }
    return one == nullptr ? "" : one->directory;
  }

  Result<void> enable(const ControlWrite& write, const std::string& directory) const {
    if (write.version == Version::kV1 || write.controller == "cgroup") return {};
    return enable_v2_controller(*v2_, directory, write.controller);
  }

  bool has_v2() const { return v2_ != nullptr; }
  // The hierarchy is there, though the container may have no directory in it.
  bool is_mounted(Version version, std::string_view controller) const {
    if (version == Version::kV1) return is_mounted_v1(controller);
    return has_v2() && (controller == "cgroup" || is_in_v2(controller));
  }

 private:
  Controllers(const ContainerCgroup& cgroup, const std::vector<Hierarchy>& hierarchies)
      : cgroup_(cgroup), hierarchies_(hierarchies) {}

  bool is_mounted_v1(std::string_view controller) const {
    return std::ranges::any_of(
        hierarchies_, [&](const Hierarchy& one) { return one.has_controller(controller); });
  }
  bool is_in_v2(std::string_view controller) const {
    return std::ranges::find(in_v2_, controller) != in_v2_.end();
  }
  bool only_v2() const {
    return std::ranges::all_of(hierarchies_,
                               [](const auto& one) { return one.version == Version::kV2; });
  }

  const ContainerCgroup& cgroup_;
  const std::vector<Hierarchy>& hierarchies_;
  const Hierarchy* v2_ = nullptr;
  std::vector<std::string> in_v2_;
};

Error missing_controller(const ControlWrite& write, const Controllers& controllers) {
  if (controllers.is_mounted(write.version, write.controller)) {
    return fail(ErrorKind::kUnsupported,
                "needs the '{}' cgroup controller, of which the container has no cgroup: without "
                "root's rights none can be made, unless the parent cgroup is given away",
                write.controller);
  }
  if (write.version == Version::kV2 && !controllers.has_v2()) {
    return fail(ErrorKind::kUnsupported, "needs cgroup v2, which is not mounted here");
  }
  return fail(ErrorKind::kUnsupported,
              "needs the '{}' cgroup controller, which is not mounted here", write.controller);
}

// The v1 kernel says EBUSY when it cannot reclaim enough.
Error explain_busy(Error error, const std::string& directory) {
  const auto in_use = sys::read_file(directory + "/memory.usage_in_bytes");
  if (!in_use) return error;
  return std::move(error).context(
      fmt::format("the limit is below the {} bytes in use", trim(*in_use)));
}

bool is_missing_file(const Result<void>& written) {
  return !written && written.error().error_number() == ENOENT;
}

Result<void> write_control(const std::string& directory, const ControlWrite& write) {
  auto written = sys::write_control_file(directory + "/" + write.file, write.value);
  if (is_missing_file(written) && !write.other_file.empty()) {
    written = sys::write_control_file(directory + "/" + write.other_file, write.other_value);
  }
  if (is_missing_file(written)) {
    if (write.if_missing == IfMissing::kPassOver) return {};
    return fail(ErrorKind::kUnsupported, "this kernel's '{}' controller has no file '{}'",
                write.controller, write.file);
  }
  if (!written && written.error().error_number() == EBUSY && write.controller == "memory") {
    return explain_busy(std::move(written.error()), directory);
  }
  return written;
}

Result<void> apply_write(const ControlWrite& write, const Controllers& controllers) {
  const std::string directory = controllers.directory_of(write.version, write.controller);
  if (directory.empty()) return missing_controller(write, controllers);
  STASIS_TRY(controllers.enable(write, directory));
  return write_control(directory, write);
}

}  // namespace

Result<void> apply_limits(const Limits& limits, const ContainerCgroup& cgroup,
                          const std::vector<Hierarchy>& hierarchies) {
  if (limits == Limits{}) return {};
  STASIS_ASSIGN(const Controllers controllers, Controllers::find(cgroup, hierarchies));
  const auto version_of = [&](std::string_view name) { return controllers.version_of(name); };
  const auto present_in = [&](std::string_view name) {
    return controllers.directory_of(version_of(name), name);
  };
  const PresentLimits present =
      read_present_limits(limits, version_of, present_in("memory"), present_in("cpu"));
  STASIS_ASSIGN(const auto writes, plan_limits(limits, present));
  for (const ControlWrite& write : writes) {
    STASIS_TRY(apply_write(write, controllers).context(write.member));
  }
  return {};
}

}  // namespace stasis::cgroup
