#include "proc/mountinfo.h"

#include <algorithm>

#include "proc/escape.h"
#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "mountinfo";

std::string decode(std::string_view text) { return decode_octal(text, " \t\n\\#"); }

// Columns stand between single blanks: a source may be the empty string.
Result<Mount> parse_line(std::size_t number, std::string_view line) {
  constexpr std::ptrdiff_t kFixed = 6;
  const auto columns = split(line, ' ');
  const auto fixed_end = columns.begin() + std::min(kFixed, std::ssize(columns));
  const auto separator = std::find(fixed_end, columns.end(), std::string_view("-"));
  if (columns.end() - separator < 4) {
    return unexpected(kFile, number, "columns", "six, options, '-', three", line);
  }
  Mount mount;
  Fields fields(kFile, number, columns[2]);
  fields.number_of("mount id", columns[0], mount.id)
      .number_of("parent id", columns[1], mount.parent_id)
      .pair("device", ':', mount.dev_major, mount.dev_minor);
  STASIS_TRY(fields.done());
  mount.root = decode(columns[3]);
  mount.mount_point = decode(columns[4]);
  mount.options = columns[5];
  for (auto it = fixed_end; it != separator; ++it) {
    if (!it->empty()) mount.propagation.emplace_back(*it);
  }
  mount.fs_type = decode(separator[1]);
  mount.source = decode(separator[2]);
  // Superblock options come from the filesystem's own code and may hold blanks.
  const auto rest = line.substr(static_cast<std::size_t>(separator[3].data() - line.data()));
  mount.super_options = decode(rest);
  return mount;
}

bool is_below(std::string_view path, std::string_view mount_point) {
  if (mount_point == "/") return path.starts_with('/');
  return path.starts_with(mount_point) &&
         (path.size() == mount_point.size() || path[mount_point.size()] == '/');
}

}  // namespace

Result<std::vector<Mount>> parse_mountinfo(std::string_view text) {
  std::vector<Mount> mounts;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    STASIS_ASSIGN(mounts.emplace_back(), parse_line(++number, line));
  }
  return mounts;
}

Result<std::vector<Mount>> read_mountinfo(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("mountinfo"));
  return parse_mountinfo(text).context(dir.name());
}

const Mount* find_mount(const std::vector<Mount>& mounts, std::int32_t id) {
  const auto found =
      std::find_if(mounts.begin(), mounts.end(), [id](const Mount& m) { return m.id == id; });
  return found == mounts.end() ? nullptr : &*found;
}

bool has_same_device(const Mount& one, const Mount& other) {
  return one.dev_major == other.dev_major && one.dev_minor == other.dev_minor;
}

bool has_device_of(const std::vector<Mount>& mounts, const Mount& mount) {
  return std::ranges::any_of(mounts, [&](const Mount& one) { return has_same_device(one, mount); });
}

const Mount* find_mount_of_path(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* best = nullptr;
  for (const auto& mount : mounts) {
    if (!is_below(path, mount.mount_point)) continue;
    if (best == nullptr || mount.mount_point.size() >= best->mount_point.size()) best = &mount;
  }
  return best;
}

}  // namespace stasis::proc
