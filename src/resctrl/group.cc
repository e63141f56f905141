#include "resctrl/group.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>

#include "base/parse.h"
#include "base/rollback.h"
#include "resctrl/schemata.h"
#include "sys/file.h"

namespace stasis::resctrl {
namespace {

// Directories of the kernel's, which are no classes of service.
constexpr std::array<std::string_view, 5> kReserved{".", "..", "info", "mon_groups", "mon_data"};

Result<void> check_name(const std::string& name) {
  const bool plain = name.find_first_of("/\n") == name.npos;
  if (plain && std::ranges::find(kReserved, name) == kReserved.end()) return {};
  return fail(ErrorKind::kInvalidArgument, "linux.intelRdt.closID: '{}' is no name of a class",
              name);
}

bool monitors(const oci::IntelRdt& wanted) {
  return wanted.enable_cmt || wanted.enable_mbm || wanted.enable_monitoring;
}

Result<void> check_monitoring(const std::string& root, const oci::IntelRdt& wanted) {
  if (!monitors(wanted)) return {};
  const auto features = sys::read_file(root + "/info/L3_MON/mon_features");
  const auto lack = [&](std::string_view member, std::string_view feature) {
    return fail(ErrorKind::kUnsupported,
                "linux.intelRdt.{}: this machine does not measure it: {}/info/L3_MON/mon_features "
                "has no '{}'",
                member, root, feature);
  };
  const std::string_view text = features ? std::string_view(*features) : std::string_view();
  if (wanted.enable_cmt && text.find("llc_occupancy") == text.npos)
    return lack("enableCMT", "llc_occupancy");
  if (wanted.enable_mbm && text.find("mbm_") == text.npos)
    return lack("enableMBM", "mbm_total_bytes");
  if (!features) return lack("enableMonitoring", "llc_occupancy");
  return {};
}

// A class that others have made is taken as it is.
Result<void> check_existing(const std::string& directory, const std::vector<std::string>& lines) {
  STASIS_ASSIGN(const std::string text, sys::read_file(directory + "/schemata"));
  const std::string mismatch = find_mismatch(lines, text);
  if (mismatch.empty()) return {};
  return fail(ErrorKind::kConflict,
              "linux.intelRdt: '{}' exists and has other values than '{}': leave the values out to "
              "join it, or take another closID",
              directory, mismatch);
}

// The kernel tells why in a file; errno is EINVAL for most of it.
Error explained(const std::string& root, Error error) {
  const auto status = sys::read_file(root + "/info/last_cmd_status");
  const std::string_view why = status ? trim(*status) : std::string_view();
  if (why.empty() || why == "ok") return error;
  return std::move(error).context(fmt::format("the kernel says '{}'", why));
}

Result<void> write_lines(const std::string& root, const std::string& directory,
                         const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  auto written = sys::write_control_file(directory + "/schemata", text);
  if (!written) return explained(root, std::move(written.error()));
  return {};
}

Result<void> make_directory(const std::string& root, const std::string& directory, Rollback& undo) {
  auto made = sys::make_dir_at(sys::kCwd, directory, 0755);
  // ENOSPC: no class or monitor is left.
  if (!made) return explained(root, std::move(made.error()));
  undo.push([directory] { static_cast<void>(sys::unlink_at(sys::kCwd, directory, AT_REMOVEDIR)); });
  return {};
}

Result<void> remove_directory(const std::string& directory) {
  auto removed = sys::unlink_at(sys::kCwd, directory, AT_REMOVEDIR);
  if (!removed && removed.error().kind() == ErrorKind::kNotFound) return {};
  return removed;
}

}  // namespace

Result<oci::ResctrlGroup> plan_group(const std::string& root, const std::string& id,
                                     const oci::IntelRdt& wanted) {
  STASIS_TRY(check_name(wanted.clos_id));
  STASIS_ASSIGN(const auto lines, plan_schemata(wanted));
  if (!sys::exists_at(sys::kCwd, root + "/info")) {
    return fail(ErrorKind::kUnsupported,
                "linux.intelRdt: no resctrl file system is mounted at '{}': the processor and the "
                "kernel must have it, and somebody must mount it",
                root);
  }
  STASIS_TRY(check_monitoring(root, wanted));
  oci::ResctrlGroup group;
  group.shared = !wanted.clos_id.empty();
  group.directory = root + "/" + (group.shared ? wanted.clos_id : id);
  group.made = !sys::exists_at(sys::kCwd, group.directory);
  if (monitors(wanted)) group.monitor = group.directory + "/mon_groups/" + id;
  if (group.made && group.shared && lines.empty()) {
    return fail(ErrorKind::kNotFound,
                "linux.intelRdt.closID: '{}' does not exist: make it, or give values for it",
                group.directory);
  }
  if (group.made) return group;
  if (!group.shared) {
    return fail(ErrorKind::kConflict,
                "linux.intelRdt: '{}' exists already: remove it if no other container of this name "
                "uses it, or name a class by closID",
                group.directory);
  }
  STASIS_TRY(check_existing(group.directory, lines));
  return group;
}

Result<void> make_group(const std::string& root, const oci::ResctrlGroup& group,
                        const oci::IntelRdt& wanted) {
  Rollback undo;
  if (group.made) {
    STASIS_TRY(make_directory(root, group.directory, undo).context("linux.intelRdt"));
    STASIS_TRY(write_values(root, group, wanted));
  }
  if (!group.monitor.empty()) {
    STASIS_TRY(make_directory(root, group.monitor, undo).context("linux.intelRdt"));
  }
  undo.commit();
  return {};
}

Result<void> write_values(const std::string& root, const oci::ResctrlGroup& group,
                          const oci::IntelRdt& wanted) {
  STASIS_ASSIGN(const auto lines, plan_schemata(wanted));
  return write_lines(root, group.directory, lines).context("linux.intelRdt");
}

Result<void> add_process(const std::optional<oci::ResctrlGroup>& group, HostPid pid) {
  if (!group) return {};
  // In this order: who changes the class leaves the measuring group of the former one.
  for (const std::string& directory : {group->directory, group->monitor}) {
    if (directory.empty()) continue;
    STASIS_TRY(sys::write_control_file(directory + "/tasks", std::to_string(pid.value))
                   .context("linux.intelRdt"));
  }
  return {};
}

Result<void> remove_group(const oci::ResctrlGroup& group) {
  if (!group.monitor.empty()) STASIS_TRY(remove_directory(group.monitor));
  if (!group.made) return {};
  if (group.shared) {
    const auto tasks = sys::read_file(group.directory + "/tasks");
    if (tasks && !trim(*tasks).empty()) return {};
  }
  return remove_directory(group.directory);
}

}  // namespace stasis::resctrl
