#include "runtime/rootfs_paths.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>

#include "sys/file.h"
#include "sys/mounting.h"

namespace stasis::runtime {
namespace {

constexpr int kMostSymlinks = 40;  // as many as the kernel follows

Result<UniqueFd> open_or_make_within(int root_fd, const std::string& path, NodeType type,
                                     int depth);

std::pair<std::string, std::string> split_path(const std::string& path) {
  std::string_view view = path;
  while (view.ends_with('/')) view.remove_suffix(1);
  const auto slash = view.rfind('/');
  if (slash == view.npos) return {"", std::string(view)};
  return {std::string(view.substr(0, slash)), std::string(view.substr(slash + 1))};
}

Result<void> make_node(int parent_fd, const std::string& name, NodeType type) {
  if (type == NodeType::kDirectory) return sys::make_dir_at(parent_fd, name, 0755);
  STASIS_ASSIGN(const UniqueFd made,
                sys::open_at(parent_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0644));
  return {};
}

Result<UniqueFd> make_missing(int root_fd, const std::string& path, NodeType type, int depth) {
  const auto [parent_path, name] = split_path(path);
  if (name.empty() || name == "." || name == "..") {
    return Error::from_errno(fmt::format("open '{}' in the root", path), ENOENT);
  }
  STASIS_ASSIGN(const UniqueFd parent,
                open_or_make_within(root_fd, parent_path, NodeType::kDirectory, depth));
  const auto link = sys::read_link_at(parent.get(), name);
  if (link) {  // dangling, as opening the path found nothing
    if (depth == kMostSymlinks) {
      return Error::from_errno(fmt::format("open '{}' in the root", path), ELOOP);
    }
    const std::string target = link->starts_with('/') ? *link : parent_path + "/" + *link;
    return open_or_make_within(root_fd, target, type, depth + 1);
  }
  auto made = make_node(parent.get(), name, type);
  if (!made && made.error().kind() != ErrorKind::kConflict) return std::move(made.error());
  return sys::open_in_root(root_fd, path, O_PATH);
}

Result<UniqueFd> open_or_make_within(int root_fd, const std::string& path, NodeType type,
                                     int depth) {
  auto found = sys::open_in_root(root_fd, path.empty() ? "/" : path, O_PATH);
  if (found || found.error().kind() != ErrorKind::kNotFound) return found;
  return make_missing(root_fd, path, type, depth);
}

}  // namespace

Result<UniqueFd> open_or_make(int root_fd, const std::string& path, NodeType type) {
  return open_or_make_within(root_fd, path, type, 0);
}

Result<UniqueFd> open_or_make_own(int root_fd, const std::string& path, NodeType type) {
  STASIS_ASSIGN(const ParentAndName at, open_parent(root_fd, path));
  auto made = make_node(at.parent.get(), at.name, type);
  if (!made && made.error().kind() != ErrorKind::kConflict) return std::move(made.error());
  STASIS_ASSIGN(UniqueFd found, sys::open_at(at.parent.get(), at.name, O_PATH | O_NOFOLLOW));
  STASIS_ASSIGN(const struct stat st, sys::stat_fd(found.get()));
  if (S_ISLNK(st.st_mode)) return Error::from_errno(fmt::format("open '{}'", path), ELOOP);
  return found;
}

Result<UniqueFd> open_if_exists(int root_fd, const std::string& path) {
  auto found = sys::open_in_root(root_fd, path, O_PATH);
  if (!found &&
      (found.error().error_number() == ENOENT || found.error().error_number() == ENOTDIR)) {
    return UniqueFd();
  }
  return found;
}

Result<bool> is_same_place(int one_fd, int other_fd) {
  STASIS_ASSIGN(const struct stat one, sys::stat_fd(one_fd));
  STASIS_ASSIGN(const struct stat other, sys::stat_fd(other_fd));
  STASIS_ASSIGN(const auto one_mount, sys::get_mount_id(one_fd));
  STASIS_ASSIGN(const auto other_mount, sys::get_mount_id(other_fd));
  return one_mount == other_mount && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

std::optional<std::string> path_below(const std::string& path, const std::string& directory) {
  const auto clean = std::filesystem::path(path).lexically_normal();
  const auto base = (std::filesystem::path(directory) / "").lexically_normal().parent_path();
  const auto rest = clean.lexically_relative(base);
  if (rest.empty() || *rest.begin() == "..") return std::nullopt;
  return rest.string();
}

Result<ParentAndName> open_parent(int root_fd, const std::string& path) {
  auto [parent_path, name] = split_path(path);
  if (name.empty() || name == "." || name == "..") {
    return fail(ErrorKind::kInvalidArgument, "'{}' has no name of its own at its end", path);
  }
  STASIS_ASSIGN(UniqueFd parent, open_or_make(root_fd, parent_path, NodeType::kDirectory));
  return ParentAndName{std::move(parent), std::move(name)};
}

}  // namespace stasis::runtime
