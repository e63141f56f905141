// Memory as files: mmap(2) of our own, memfd_create(2) (Linux 3.17) and its seals (fcntl(2)), holes
// (lseek(2) SEEK_DATA, Linux 3.1), and copying of ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::sys {

// A mapping of this process, unmapped on destruction.
class MappedRegion {
 public:
  // MAP_SHARED | MAP_ANONYMOUS, readable and writable, no swap reservation.
  static Result<MappedRegion> shared_anonymous(std::uint64_t bytes);

  MappedRegion(MappedRegion&& other) noexcept;
  MappedRegion& operator=(MappedRegion&&) = delete;
  ~MappedRegion();

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedRegion(std::span<std::byte> bytes) : bytes_(bytes) {}
  std::span<std::byte> bytes_;
};

// memfd_create(2); MFD_CLOEXEC is added. EINVAL (kKernel): a flag that this kernel does not know.
Result<UniqueFd> create_memfd(const std::string& name, unsigned flags);
// F_GET_SEALS; nothing for a file that cannot have seals.
std::optional<std::uint32_t> get_seals(int fd);
Result<void> add_seals(int fd, std::uint32_t seals);

struct FileRange {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool operator==(const FileRange&) const = default;
};
// The first range at or after `from` that is not a hole; nothing behind the last one. Moves the
// file offset. A file system without SEEK_DATA shows the whole file as one range.
Result<std::optional<FileRange>> find_data(int fd, std::uint64_t from);

// pread(2) that may come short at the end of the file.
Result<std::size_t> pread_some(int fd, std::span<std::byte> into, std::uint64_t offset);

// sendfile(2) of the first `bytes` of `from`, whose file offset stays. Appends to `to`.
Result<void> send_file(int from, int to, std::uint64_t bytes);

Result<void> set_mode(int fd, mode_t mode);
// utimensat(2) through the descriptor.
Result<void> set_times(int fd, std::int64_t atime_ns, std::int64_t mtime_ns);
// utimensat(2) of what `name` says, also when that is a symbolic link.
Result<void> set_times_at(int dir_fd, const std::string& name, std::int64_t atime_ns,
                          std::int64_t mtime_ns);

}  // namespace stasis::sys
