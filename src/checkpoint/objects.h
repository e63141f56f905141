// Objects that mappings and descriptors of several processes share: files that are mapped, shared
// memory (memfd, shared anonymous, System V), and files without a name. Each is described once,
// whoever meets it first, and told apart by its inode.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "image/writer.h"
#include "model/container.h"

namespace stasis::checkpoint {

class ObjectRegistry {
 public:
  // Adds to `container`, which outlives the registry. `root_path` is how the kernel names the
  // container's "/" to us ("" for "/"): it is cut off the paths that are saved.
  static Result<ObjectRegistry> create(model::Container& container, std::string root_path);

  // Whether an inode is memory without a file system of its own: a memfd without huge pages, shared
  // anonymous memory, a System V segment. A file in a tmpfs mount is not.
  bool is_shared_memory(const struct stat& status) const { return status.st_dev == shm_device_; }

  // Index into Container::shared_memory of the object behind `fd` (borrowed, open for reading).
  // kUnsupported: it is none, see is_shared_memory().
  Result<std::uint32_t> shared_memory_of(int fd);

  // Index into Container::ghost_files of a regular file without a name, open for reading
  // (borrowed). `path`: its last one, as the kernel tells it, without " (deleted)".
  Result<std::uint32_t> ghost_of(int fd, const std::string& path);

  // Index into Container::mapped_files. `ghost` as ghost_of() gave it.
  std::uint32_t mapped_file(const struct stat& status, const std::string& path,
                            std::uint32_t open_flags, std::optional<std::uint32_t> ghost);

  // Copies what is in the objects into the image and sets their Content. Once, after everything was
  // found, while all who could change them are stopped.
  Result<void> save_contents(image::ImageWriter& image);

  std::string path_in_container(const std::string& seen) const;

 private:
  using Inode = std::pair<dev_t, ino_t>;
  struct Saved {
    UniqueFd fd;
    std::uint64_t size = 0;
  };

  ObjectRegistry(model::Container& container, std::string root_path, dev_t shm_device)
      : container_(&container), root_path_(std::move(root_path)), shm_device_(shm_device) {}

  model::Container* container_;
  std::string root_path_;
  dev_t shm_device_;  // of the kernel's own tmpfs
  std::map<Inode, std::uint32_t> shared_memory_;
  std::map<Inode, std::uint32_t> ghosts_;
  std::map<std::pair<Inode, std::uint32_t>, std::uint32_t> mapped_files_;
  std::vector<Saved> shared_memory_fds_;  // by index, as the vectors of the container
  std::vector<Saved> ghost_fds_;
};

}  // namespace stasis::checkpoint
