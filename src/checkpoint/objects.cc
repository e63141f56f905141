#include "checkpoint/objects.h"

#include <fcntl.h>
#include <optional>

#include "checkpoint/file_contents.h"
#include "checkpoint/file_metadata.h"
#include "sys/file.h"
#include "sys/memory_file.h"

namespace stasis::checkpoint {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr std::string_view kMemfd = "/memfd:";
constexpr std::string_view kSysv = "/SYSV";
constexpr mode_t kPermissions = 07777;

std::int64_t to_ns(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Duplicates by reopening: our own offset, so that looking for holes moves nobody else's.
Result<UniqueFd> reopen(int fd) { return sys::open(fmt::format("/proc/self/fd/{}", fd), O_RDONLY); }

model::SharedMemory describe_shared_memory(const struct stat& status, std::string link) {
  if (link.ends_with(kDeleted)) link.resize(link.size() - kDeleted.size());
  model::SharedMemory object;
  object.content.size = static_cast<std::uint64_t>(status.st_size);
  object.mode = status.st_mode & kPermissions;
  object.uid = status.st_uid;
  object.gid = status.st_gid;
  if (link.starts_with(kMemfd)) {
    object.kind = model::SharedMemoryKind::kMemfd;
    object.name = link.substr(kMemfd.size());
  } else if (link.starts_with(kSysv)) {
    object.kind = model::SharedMemoryKind::kSysv;
    object.sysv_id = static_cast<std::uint32_t>(status.st_ino);  // ipc/shm.c: the inode is the id
  }
  return object;
}

}  // namespace

Result<ObjectRegistry> ObjectRegistry::create(model::Container& container, std::string root_path) {
  STASIS_ASSIGN(const UniqueFd probe, sys::create_memfd("stasis", 0));
  STASIS_ASSIGN(const struct stat status, sys::stat_fd(probe.get()));
  return ObjectRegistry(container, std::move(root_path), status.st_dev);
}

std::string ObjectRegistry::path_in_container(const std::string& seen) const {
  if (root_path_.empty() || !seen.starts_with(root_path_)) return seen;
  if (seen.size() == root_path_.size()) return "/";
  return seen[root_path_.size()] == '/' ? seen.substr(root_path_.size()) : seen;
}

Result<std::uint32_t> ObjectRegistry::shared_memory_of(int fd) {
  STASIS_ASSIGN(const struct stat status, sys::stat_fd(fd));
  if (!is_shared_memory(status)) {
    return fail(ErrorKind::kUnsupported, "fd {} is no shared memory", fd);
  }
  const auto next = static_cast<std::uint32_t>(container_->shared_memory.size());
  const auto [at, added] = shared_memory_.try_emplace({status.st_dev, status.st_ino}, next);
  if (!added) return at->second;
  STASIS_ASSIGN(std::string link,
                sys::read_link_at(sys::kCwd, fmt::format("/proc/self/fd/{}", fd)));
  auto object = describe_shared_memory(status, std::move(link));
  object.seals = sys::get_seals(fd).value_or(0);
  STASIS_ASSIGN(UniqueFd own, reopen(fd));
  shared_memory_fds_.push_back({std::move(own), object.content.size});
  container_->shared_memory.push_back(std::move(object));
  return next;
}

Result<std::uint32_t> ObjectRegistry::ghost_of(int fd, const std::string& path) {
  STASIS_ASSIGN(const struct stat status, sys::stat_fd(fd));
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kUnsupported, "'{}' was removed and is no regular file", path);
  }
  const auto next = static_cast<std::uint32_t>(container_->ghost_files.size());
  const auto [at, added] = ghosts_.try_emplace({status.st_dev, status.st_ino}, next);
  if (!added) return at->second;
  STASIS_ASSIGN(UniqueFd own, reopen(fd));
  model::GhostFile ghost;
  ghost.path = path_in_container(path);
  STASIS_ASSIGN(ghost.metadata, read_metadata(fd, status));
  ghost.content.size = static_cast<std::uint64_t>(status.st_size);
  ghost_fds_.push_back({std::move(own), ghost.content.size});
  container_->ghost_files.push_back(std::move(ghost));
  return next;
}

std::uint32_t ObjectRegistry::mapped_file(const struct stat& status, const std::string& path,
                                          std::uint32_t open_flags,
                                          std::optional<std::uint32_t> ghost) {
  const auto next = static_cast<std::uint32_t>(container_->mapped_files.size());
  const Inode inode{status.st_dev, status.st_ino};
  const auto [at, added] = mapped_files_.try_emplace({inode, open_flags}, next);
  if (!added) return at->second;
  container_->mapped_files.push_back({.path = path_in_container(path),
                                      .open_flags = open_flags,
                                      .size = static_cast<std::uint64_t>(status.st_size),
                                      .mtime_ns = to_ns(status.st_mtim),
                                      .ghost = ghost});
  return next;
}

Result<void> ObjectRegistry::save_contents(image::ImageWriter& image) {
  std::vector<FileToCopy> files;
  for (std::size_t i = 0; i < shared_memory_fds_.size(); ++i) {
    const Saved& saved = shared_memory_fds_[i];
    files.push_back({saved.fd.get(), saved.size, &container_->shared_memory[i].content});
  }
  for (std::size_t i = 0; i < ghost_fds_.size(); ++i) {
    const Saved& saved = ghost_fds_[i];
    files.push_back({saved.fd.get(), saved.size, &container_->ghost_files[i].content});
  }
  return copy_file_contents(files, image).context("saving shared memory and removed files");
}

}  // namespace stasis::checkpoint
