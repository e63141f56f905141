#include "runtime/state_store.h"

#include <cerrno>

#include <fcntl.h>

#include "runtime/container_id.h"
#include "sys/file.h"
#include "sys/node.h"

namespace stasis::runtime {
namespace {

constexpr const char* kStateFile = "state.json";
constexpr const char* kConfigFile = "config.json";

// Whether `path` is the directory behind `fd`, and not removed or another one.
Result<bool> names(const std::string& path, int fd) {
  STASIS_ASSIGN(const struct stat mine, sys::stat_fd(fd));
  const auto there = sys::stat_at(sys::kCwd, path, AT_SYMLINK_NOFOLLOW);
  return there && there->st_ino == mine.st_ino && there->st_dev == mine.st_dev;
}

}  // namespace

Result<oci::ContainerRecord> StateDirectory::read_record() const {
  STASIS_ASSIGN(const std::string text, sys::read_file_at(dir_.get(), kStateFile));
  return oci::decode_record(text).context(path_ + "/" + kStateFile);
}

Result<void> StateDirectory::write_record(const oci::ContainerRecord& record) const {
  return write_file(kStateFile, oci::encode_record(record));
}

Result<std::string> StateDirectory::read_config() const {
  return sys::read_file_at(dir_.get(), kConfigFile);
}

Result<void> StateDirectory::write_config(const std::string& text) const {
  return write_file(kConfigFile, text);
}

Result<void> StateDirectory::write_file(const std::string& name, std::string_view text) const {
  const std::string temporary = name + ".new";
  STASIS_ASSIGN(const UniqueFd fd, sys::open_at(dir_.get(), temporary,
                                                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
  STASIS_TRY(sys::write_all(fd.get(), text));
  return sys::rename_replace(dir_.get(), temporary, name);
}

bool StateDirectory::has_exec_fifo() const { return sys::exists_at(dir_.get(), kExecFifo); }

Result<void> StateDirectory::make_exec_fifo() const {
  STASIS_TRY(sys::make_fifo_at(dir_.get(), kExecFifo, 0600));
  // Whatever the umask: root of a user namespace must be able to write. Nobody else gets here, the
  // state directory above is 0700.
  return sys::set_mode_at(dir_.get(), kExecFifo, 0622);
}

Result<void> StateDirectory::remove_exec_fifo() const {
  return sys::unlink_at(dir_.get(), kExecFifo);
}

Result<void> StateDirectory::remove() const {
  STASIS_ASSIGN(const auto names, sys::list_dir(dir_.get()));
  for (const std::string& name : names) STASIS_TRY(sys::unlink_at(dir_.get(), name));
  return sys::unlink_at(sys::kCwd, path_, AT_REMOVEDIR);
}

void remove_state_quietly(const std::string& path) {
  auto dir = sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (dir) static_cast<void>(StateDirectory(std::move(*dir), path).remove());
}

void remove_abandoned_state(const std::string& path) {
  auto dir = sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!dir || !sys::try_lock_exclusive(dir->get())) return;
  if (sys::exists_at(dir->get(), kStateFile)) return;
  static_cast<void>(StateDirectory(std::move(*dir), path).remove());
}

// kConflict: there is one already.
Result<void> StateStore::make(const std::string& path) const {
  auto made = sys::make_dir_at(sys::kCwd, path, 0711);
  if (!made && made.error().kind() == ErrorKind::kNotFound) {
    STASIS_TRY(sys::make_dirs(root_, 0700).context("creating the state directory"));
    made = sys::make_dir_at(sys::kCwd, path, 0711);
  }
  return std::move(made).context("creating the state directory");
}

Result<StateDirectory> StateStore::create(const std::string& id) const {
  STASIS_TRY(validate_container_id(id));
  const std::string path = path_of(id);
  while (true) {
    auto made = make(path);
    if (!made && made.error().kind() != ErrorKind::kConflict) return std::move(made.error());
    auto dir = sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!dir && dir.error().kind() == ErrorKind::kNotFound) continue;  // removed again
    STASIS_ASSIGN(UniqueFd fd, std::move(dir));
    const auto in_use = [&] { return sys::exists_at(fd.get(), kStateFile); };
    // Before waiting for a lock that whoever works on the container may hold for long.
    if (!in_use()) STASIS_TRY(sys::lock_exclusive(fd.get()));
    if (in_use()) return fail(ErrorKind::kConflict, "container '{}' exists already", id);
    STASIS_ASSIGN(const bool still_there, names(path, fd.get()));
    if (still_there) return StateDirectory(std::move(fd), path);
  }
}

Result<StateDirectory> StateStore::open(const std::string& id, Access access) const {
  STASIS_TRY(validate_container_id(id));
  const std::string path = path_of(id);
  auto dir = sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!dir && dir.error().kind() == ErrorKind::kNotFound) {
    return fail(ErrorKind::kNotFound, "container '{}' does not exist", id);
  }
  STASIS_ASSIGN(UniqueFd fd, std::move(dir));
  if (access == Access::kChange) STASIS_TRY(sys::lock_exclusive(fd.get()));
  // Whoever held the lock may have deleted the container.
  if (!sys::exists_at(fd.get(), kStateFile)) {
    return fail(ErrorKind::kNotFound, "container '{}' does not exist", id);
  }
  return StateDirectory(std::move(fd), path);
}

Result<std::vector<std::string>> StateStore::list() const {
  STASIS_ASSIGN(const auto names, sys::list_dir_at(sys::kCwd, root_));
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    if (validate_container_id(name) &&
        sys::exists_at(sys::kCwd, root_ + "/" + name + "/" + kStateFile)) {
      ids.push_back(name);
    }
  }
  return ids;
}

}  // namespace stasis::runtime
