#include "cgroup/hierarchy.h"

#include <algorithm>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  for (const auto name : split(text, ',')) names.emplace_back(name);
  return names;
}

// mountinfo writes blank, tab, newline and backslash as \040 and the like.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      if (const auto code = parse_number<unsigned>(text.substr(i + 1, 3), 8); code && *code < 256) {
        out += static_cast<char>(*code);
        i += 3;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

struct MountLine {
  std::string root, mount_point, type, super_options;
};

// "36 35 98:0 /root /mount rw,noatime master:1 - cgroup cgroup rw,memory": proc(5).
Result<MountLine> parse_mount_line(std::string_view line, std::size_t number) {
  const auto fields = split(line, ' ');
  const auto dash = std::ranges::find(fields, "-");
  if (fields.size() < 10 || dash - fields.begin() < 6 || fields.end() - dash < 4) {
    return fail(ErrorKind::kUnsupported,
                "mountinfo line {}: expected 10 fields or more, found '{}'", number, line);
  }
  return MountLine{unescape(fields[3]), unescape(fields[4]), std::string(dash[1]),
                   std::string(dash[3])};
}

const Membership* find_v1(const std::vector<Membership>& own,
                          const std::vector<std::string>& options) {
  for (const Membership& one : own) {
    if (one.controllers.empty()) continue;
    const bool all = std::ranges::all_of(one.controllers, [&](const std::string& controller) {
      return std::ranges::find(options, controller) != options.end();
    });
    if (all) return &one;
  }
  return nullptr;
}

const Membership* find_v2(const std::vector<Membership>& own) {
  const auto found =
      std::ranges::find_if(own, [](const auto& one) { return one.controllers.empty(); });
  return found == own.end() ? nullptr : &*found;
}

bool is_below(std::string_view path, std::string_view ancestor) {
  return path.starts_with(ancestor) &&
         (path.size() == ancestor.size() || path[ancestor.size()] == '/');
}

}  // namespace

bool Hierarchy::has_controller(std::string_view name) const {
  return std::ranges::find(controllers, name) != controllers.end();
}

std::string Hierarchy::directory_of(std::string_view path) const {
  if (mount_root != "/" && is_below(path, mount_root)) path.remove_prefix(mount_root.size());
  while (path.ends_with('/')) path.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return path.empty() ? mount_point : fmt::format("{}/{}", mount_point, path);
}

Result<std::vector<Membership>> parse_memberships(std::string_view text) {
  std::vector<Membership> memberships;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    const auto first = line.find(':');
    const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos || !line.substr(second + 1).starts_with('/')) {
      return fail(ErrorKind::kUnsupported,
                  "cgroup line {}: expected 'ID:CONTROLLERS:/PATH', found '{}'", number, line);
    }
    memberships.push_back({split_names(line.substr(first + 1, second - first - 1)),
                           std::string(line.substr(second + 1))});
  }
  return memberships;
}

Result<std::vector<Hierarchy>> parse_hierarchies(std::string_view mountinfo,
                                                 std::string_view own_cgroups) {
  STASIS_ASSIGN(const auto own, parse_memberships(own_cgroups));
  std::vector<Hierarchy> hierarchies;
  std::size_t number = 0;
  for (const auto line : split_lines(mountinfo)) {
    ++number;
    if (line.find(" - cgroup") == line.npos) continue;
    STASIS_ASSIGN(const MountLine mount, parse_mount_line(line, number));
    Hierarchy hierarchy{.mount_point = mount.mount_point, .mount_root = mount.root};
    const Membership* member = nullptr;
    if (mount.type == "cgroup2") {
      hierarchy.version = Version::kV2;
      member = find_v2(own);
    } else if (mount.type == "cgroup") {
      member = find_v1(own, split_names(mount.super_options));
    }
    if (member == nullptr) continue;
    hierarchy.controllers = member->controllers;
    hierarchy.own_path = member->path;
    const bool seen = std::ranges::any_of(hierarchies, [&](const Hierarchy& other) {
      return other.version == hierarchy.version && other.controllers == hierarchy.controllers;
    });
    if (!seen) hierarchies.push_back(std::move(hierarchy));
  }
  return hierarchies;
}

Result<std::vector<Hierarchy>> read_hierarchies() {
  STASIS_ASSIGN(const std::string mountinfo, sys::read_file("/proc/self/mountinfo"));
  STASIS_ASSIGN(const std::string own, sys::read_file("/proc/self/cgroup"));
  return parse_hierarchies(mountinfo, own);
}

}  // namespace stasis::cgroup
