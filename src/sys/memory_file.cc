#include "sys/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <utility>

#include "sys/call.h"

namespace stasis::sys {
namespace {

timespec to_timespec(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t rest = ns % kSecond;
  if (rest < 0) rest += kSecond;
  return {.tv_sec = (ns - rest) / kSecond, .tv_nsec = rest};
}

}  // namespace

Result<MappedRegion> MappedRegion::shared_anonymous(std::uint64_t bytes) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return last_error("mmap {} bytes of shared memory", bytes);
  return MappedRegion(std::span(static_cast<std::byte*>(at), bytes));
}

MappedRegion::MappedRegion(MappedRegion&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})) {}

MappedRegion::~MappedRegion() {
  if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

Result<UniqueFd> create_memfd(const std::string& name, unsigned flags) {
  const int fd = ::memfd_create(name.c_str(), flags | MFD_CLOEXEC);
  if (fd < 0) return last_error("memfd_create '{}' with flags {:#x}", name, flags);
  return UniqueFd(fd);
}

std::optional<std::uint32_t> get_seals(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0) return std::nullopt;
  return static_cast<std::uint32_t>(seals);
}

Result<void> add_seals(int fd, std::uint32_t seals) {
  if (::fcntl(fd, F_ADD_SEALS, seals) != 0) return last_error("add seals {:#x}", seals);
  return {};
}

Result<std::optional<FileRange>> find_data(int fd, std::uint64_t from) {
  const off_t start = ::lseek(fd, static_cast<off_t>(from), SEEK_DATA);
  if (start < 0) {
    if (errno == ENXIO) return std::optional<FileRange>{};
    return last_error("lseek fd {} to data after {}", fd, from);
  }
  const off_t end = ::lseek(fd, start, SEEK_HOLE);
  if (end < 0) return last_error("lseek fd {} to a hole after {}", fd, start);
  return std::optional(
      FileRange{static_cast<std::uint64_t>(start), static_cast<std::uint64_t>(end)});
}

Result<std::size_t> pread_some(int fd, std::span<std::byte> into, std::uint64_t offset) {
  const ssize_t got =
      retry([&] { return ::pread(fd, into.data(), into.size(), static_cast<off_t>(offset)); });
  if (got < 0) return last_error("read {} bytes of fd {} at {:#x}", into.size(), fd, offset);
  return static_cast<std::size_t>(got);
}

Result<void> send_file(int from, int to, std::uint64_t bytes) {
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < bytes) {
    const ssize_t sent =
        retry([&] { return ::sendfile(to, from, &at, bytes - static_cast<std::uint64_t>(at)); });
    if (sent < 0) return last_error("sendfile from fd {} to fd {}", from, to);
    if (sent == 0) return fail(ErrorKind::kKernel, "sendfile: fd {} ends at byte {}", from, at);
  }
  return {};
}

Result<void> set_mode(int fd, mode_t mode) {
  if (::fchmod(fd, mode) != 0) return last_error("fchmod fd {} to {:o}", fd, mode);
  return {};
}

Result<void> set_times(int fd, std::int64_t atime_ns, std::int64_t mtime_ns) {
  const std::array<timespec, 2> times{to_timespec(atime_ns), to_timespec(mtime_ns)};
  if (::futimens(fd, times.data()) != 0) return last_error("futimens fd {}", fd);
  return {};
}

Result<void> set_times_at(int dir_fd, const std::string& name, std::int64_t atime_ns,
                          std::int64_t mtime_ns) {
  const std::array<timespec, 2> times{to_timespec(atime_ns), to_timespec(mtime_ns)};
  if (::utimensat(dir_fd, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
    return last_error("utimensat '{}'", name);
  }
  return {};
}

}  // namespace stasis::sys
