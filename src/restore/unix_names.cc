#include "restore/unix_names.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "restore/file_metadata.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/socket.h"
#include "sys/thread_root.h"

namespace stasis::restore {
namespace {

bool is_path(const model::UnixSocket& named) {
  return !named.name.empty() && named.name.front() != 0;
}

std::string path_of(const model::UnixSocket& named) {
  return std::string(named.name.begin(), named.name.end());
}

Result<void> go_to_directory(const model::UnixSocket& named) {
  return sys::change_thread_dir(named.path_directory.empty() ? "/" : named.path_directory);
}

Result<void> remove_stale(const std::string& path) {
  const auto status = sys::stat_at(sys::kCwd, path, AT_SYMLINK_NOFOLLOW);
  if (!status) return {};
  if (!S_ISSOCK(status->st_mode)) {
    return fail(ErrorKind::kConflict, "'{}' is in the way and is no socket", path);
  }
  return sys::unlink_at(sys::kCwd, path);
}

Result<UniqueFd> open_parent(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return sys::open(parent.empty() ? "." : parent.string(), O_PATH | O_DIRECTORY);
}

Result<void> bind_path(int fd, const model::UnixSocket& named) {
  const std::string path = path_of(named);
  STASIS_TRY(go_to_directory(named));
  STASIS_ASSIGN(const UniqueFd parent, open_parent(path));
  STASIS_ASSIGN(const KeptTimes times, KeptTimes::of(parent.get()));
  STASIS_TRY(remove_stale(path));
  STASIS_TRY(sys::bind_socket(fd, address_of(named)));
  if (named.name_deleted) return {};
  STASIS_TRY(sys::set_owner_at(sys::kCwd, path, named.path_uid, named.path_gid));
  return sys::set_mode_at(sys::kCwd, path, named.path_mode);
}

}  // namespace

model::Bytes address_of(const model::UnixSocket& named) {
  const sa_family_t family = AF_UNIX;
  model::Bytes address(sizeof(family));
  std::memcpy(address.data(), &family, sizeof(family));
  address.insert(address.end(), named.name.begin(), named.name.end());
  const bool room = address.size() < sizeof(sockaddr_un);
  if (is_path(named) && room) address.push_back(0);
  return address;
}

std::string shown(const model::UnixSocket& named) {
  std::string text = path_of(named);
  if (!text.empty() && text.front() == 0) text.front() = '@';
  return fmt::format("'{}'", text);
}

Result<void> bind_name(int fd, const model::UnixSocket& named) {
  auto done = is_path(named) ? bind_path(fd, named) : sys::bind_socket(fd, address_of(named));
  return std::move(done).context(fmt::format("unix socket {}", shown(named)));
}

Result<void> unlink_name(const model::UnixSocket& named) {
  if (!is_path(named)) return {};
  STASIS_TRY(go_to_directory(named));
  STASIS_ASSIGN(const UniqueFd parent, open_parent(path_of(named)));
  STASIS_ASSIGN(const KeptTimes times, KeptTimes::of(parent.get()));
  return sys::unlink_at(sys::kCwd, path_of(named));
}

Result<void> connect_by_name(int fd, const model::UnixSocket& target) {
  if (is_path(target)) STASIS_TRY(go_to_directory(target));
  return sys::connect_socket(fd, address_of(target))
      .context(fmt::format("unix socket {}", shown(target)));
}

Result<Reach> find_reach(const model::UnixSocket& target) {
  Reach reach;
  constexpr int kDirectory = O_PATH | O_DIRECTORY;
  if (!is_path(target)) {
    STASIS_ASSIGN(reach.directory, sys::open("/", kDirectory));
    reach.address = address_of(target);
    return reach;
  }
  STASIS_TRY(go_to_directory(target));
  const std::filesystem::path path(path_of(target));
  const std::string parent = path.parent_path().string();
  STASIS_ASSIGN(reach.directory, sys::open(parent.empty() ? "." : parent, kDirectory));
  model::UnixSocket last = target;
  const std::string name = path.filename().string();
  last.name.assign(name.begin(), name.end());
  reach.address = address_of(last);
  return reach;
}

}  // namespace stasis::restore
