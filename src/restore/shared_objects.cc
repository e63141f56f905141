#include "restore/shared_objects.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <algorithm>
#include <filesystem>
#include <variant>

#include "restore/file_contents.h"
#include "restore/file_metadata.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/node.h"

namespace stasis::restore {
namespace {

Result<void> fill_region(const image::ImageReader& image, const model::Content& content,
                         std::span<std::byte> region) {
  for (const model::DataExtent& extent : content.extents) {
    STASIS_TRY(
        image.read_data(extent.data_offset, region.subspan(extent.object_offset, extent.length)));
  }
  return {};
}

Result<UniqueFd> reopen(int fd, int flags) {
  return sys::open(fmt::format("/proc/self/fd/{}", fd), flags);
}

// A file that was made by O_TMPFILE can be given a name by linkat(2), one that was deleted cannot.
bool can_be_linked(const model::Container& container, std::uint32_t ghost) {
  return std::any_of(
      container.open_files.begin(), container.open_files.end(), [&](const model::OpenFile& file) {
        const auto* path = std::get_if<model::PathFile>(&file.detail);
        return path != nullptr && path->ghost == ghost && (file.flags & O_TMPFILE) == O_TMPFILE;
      });
}

Result<UniqueFd> make_nameless(int root_fd, const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  STASIS_ASSIGN(const UniqueFd directory,
                sys::open_in_root(root_fd, parent.empty() ? "/" : parent, O_PATH | O_DIRECTORY));
  return sys::open_at(directory.get(), ".", O_RDWR | O_TMPFILE, 0600);
}

// Made under its last name where that is free, so that /proc shows the same name as before.
Result<UniqueFd> make_unlinked(int root_fd, const std::string& path, mode_t mode) {
  const std::filesystem::path whole(path);
  const std::string parent = whole.parent_path().empty() ? "/" : whole.parent_path().string();
  STASIS_ASSIGN(const UniqueFd directory, sys::open_in_root(root_fd, parent, O_PATH | O_DIRECTORY));
  const std::string name = whole.filename().string();
  STASIS_ASSIGN(const KeptTimes times, KeptTimes::of(directory.get()));
  if (!name.empty() && !sys::exists_at(directory.get(), name)) {
    STASIS_ASSIGN(UniqueFd fd, sys::open_at(directory.get(), name,
                                            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
    STASIS_TRY(sys::unlink_at(directory.get(), name));
    return fd;
  }
  return sys::open_at(directory.get(), ".", O_RDWR | O_TMPFILE, mode);
}

Result<UniqueFd> make_ghost(const image::ImageReader& image, std::uint32_t index, int root_fd,
                            std::vector<std::string>& warnings) {
  const model::GhostFile& ghost = image.container().ghost_files[index];
  STASIS_ASSIGN(UniqueFd fd, can_be_linked(image.container(), index)
                                 ? make_nameless(root_fd, ghost.path)
                                 : make_unlinked(root_fd, ghost.path, 0600));
  STASIS_TRY(fill_file(image, ghost.content, fd.get()));
  STASIS_TRY(sys::set_owner(fd.get(), ghost.metadata.uid, ghost.metadata.gid));
  STASIS_TRY(sys::set_mode(fd.get(), ghost.metadata.mode & 07777));
  STASIS_TRY(apply_xattrs(fd.get(), ghost.path, ghost.metadata, warnings));
  STASIS_TRY(sys::set_times(fd.get(), ghost.metadata.atime_ns, ghost.metadata.mtime_ns));
  return fd;
}

Result<UniqueFd> open_mapped(const model::MappedFile& file, const SharedObjects& objects,
                             int root_fd) {
  const int flags = static_cast<int>(file.open_flags);
  if (file.ghost) return reopen(objects.ghost_files[*file.ghost].get(), flags);
  STASIS_ASSIGN(UniqueFd fd, sys::open_in_root(root_fd, file.path, flags));
  STASIS_ASSIGN(const auto st, sys::stat_fd(fd.get()));
  if (static_cast<std::uint64_t>(st.st_size) != file.size) {
    return fail(ErrorKind::kConflict,
                "'{}' has {} bytes and had {} at the checkpoint: the root file system is not the "
                "one of the checkpoint; restore with the same content",
                file.path, st.st_size, file.size);
  }
  return fd;
}

Result<UniqueFd> make_memfd(const image::ImageReader& image, const model::SharedMemory& memory) {
  STASIS_ASSIGN(UniqueFd fd,
                sys::create_memfd(memory.name, memory.memfd_flags | MFD_ALLOW_SEALING));
  STASIS_TRY(fill_file(image, memory.content, fd.get()));
  STASIS_TRY(sys::set_owner(fd.get(), memory.uid, memory.gid));
  STASIS_TRY(sys::set_mode(fd.get(), memory.mode & 07777));
  return fd;
}

// The object of a MAP_SHARED | MAP_ANONYMOUS mapping has no name; its mapping in this process,
// while it lasts, gives a descriptor of it.
Result<UniqueFd> make_anonymous(const image::ImageReader& image,
                                const model::SharedMemory& memory) {
  STASIS_ASSIGN(const auto region, sys::MappedRegion::shared_anonymous(memory.content.size));
  STASIS_TRY(fill_region(image, memory.content, region.bytes()));
  const auto start = reinterpret_cast<std::uint64_t>(region.bytes().data());
  return sys::open(
      fmt::format("/proc/self/map_files/{:x}-{:x}", start, start + region.bytes().size()), O_RDWR);
}

Result<UniqueFd> make_shared_memory(const image::ImageReader& image,
                                    const model::SharedMemory& memory) {
  switch (memory.kind) {
    case model::SharedMemoryKind::kAnonymous:
      return make_anonymous(image, memory);
    case model::SharedMemoryKind::kMemfd:
      return make_memfd(image, memory);
    case model::SharedMemoryKind::kSysv:
      return UniqueFd();
  }
  return fail(ErrorKind::kCorruptImage, "unknown kind of shared memory");
}

}  // namespace

Result<SharedObjects> make_shared_objects(const image::ImageReader& image, int root_fd,
                                          std::vector<std::string>& warnings) {
  const model::Container& container = image.container();
  SharedObjects objects;
  for (std::uint32_t ghost = 0; ghost < container.ghost_files.size(); ++ghost) {
    auto made = make_ghost(image, ghost, root_fd, warnings);
    if (!made) {
      return std::move(made.error())
          .context(fmt::format("restoring deleted file '{}'", container.ghost_files[ghost].path));
    }
    objects.ghost_files.push_back(std::move(*made));
  }
  for (const auto& file : container.mapped_files) {
    auto opened = open_mapped(file, objects, root_fd);
    if (!opened) {
      return std::move(opened.error()).context(fmt::format("mapped file '{}'", file.path));
    }
    objects.mapped_files.push_back(std::move(*opened));
  }
  for (const auto& memory : container.shared_memory) {
    auto made = make_shared_memory(image, memory);
    if (!made) return std::move(made.error()).context("restoring shared memory");
    objects.shared_memory.push_back(std::move(*made));
  }
  return objects;
}

Result<void> seal_memfds(const model::Container& container, const SharedObjects& objects) {
  for (std::size_t i = 0; i < container.shared_memory.size(); ++i) {
    const model::SharedMemory& memory = container.shared_memory[i];
    if (memory.kind != model::SharedMemoryKind::kMemfd || memory.seals == 0) continue;
    STASIS_TRY(sys::add_seals(objects.shared_memory[i].get(), memory.seals)
                   .context(fmt::format("sealing memfd '{}'", memory.name)));
  }
  return {};
}

}  // namespace stasis::restore
