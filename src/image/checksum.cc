#include "image/checksum.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <xxhash.h>

#include "sys/file.h"

namespace stasis::image {
namespace {

// Small enough that the bytes are still in the cache of the CPU when they are hashed.
constexpr std::size_t kPieceBytes = std::size_t{128} << 10;
// Less work than this is not worth a thread.
constexpr std::uint64_t kChunksPerThread = 8;

// Reads and hashes ranges of a file, one after the other, with one buffer.
class RangeHasher {
 public:
  Result<std::uint64_t> checksum_range(int fd, std::uint64_t offset, std::uint64_t length) {
    if (state_ == nullptr) return fail(ErrorKind::kKernel, "no memory for a checksum");
    XXH3_64bits_reset(state_.get());
    while (length > 0) {
      const std::span piece(buffer_.data(), std::min<std::uint64_t>(length, buffer_.size()));
      STASIS_TRY(sys::pread_exact(fd, piece, offset));
      XXH3_64bits_update(state_.get(), piece.data(), piece.size());
      offset += piece.size();
      length -= piece.size();
    }
    return XXH3_64bits_digest(state_.get());
  }

 private:
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kPieceBytes);
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_{XXH3_createState(),
                                                                  XXH3_freeState};
};

// The chunks of one file, taken one after the other by several threads.
class ChunkWork {
 public:
  ChunkWork(int fd, std::uint64_t file_offset, std::uint64_t data_bytes)
      : fd_(fd), file_offset_(file_offset), data_bytes_(data_bytes) {
    checksums_.resize(chunk_count(data_bytes));
  }

  void run() {
    RangeHasher hasher;
    while (!failed_) {
      const std::uint64_t chunk = next_++;
      if (chunk >= checksums_.size()) return;
      const std::uint64_t start = chunk * kChunkBytes;
      auto sum = hasher.checksum_range(fd_, file_offset_ + start,
                                       std::min(kChunkBytes, data_bytes_ - start));
      if (!sum.has_value()) return set_error(std::move(sum.error()));
      checksums_[chunk] = *sum;
    }
  }

  Result<std::vector<std::uint64_t>> take() && {
    if (error_) return std::move(*error_);
    return std::move(checksums_);
  }

 private:
  void set_error(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    failed_ = true;
  }

  const int fd_;
  const std::uint64_t file_offset_;
  const std::uint64_t data_bytes_;
  std::vector<std::uint64_t> checksums_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;  // guards error_
  std::optional<Error> error_;
};

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t checksum(std::string_view bytes) { return checksum(std::as_bytes(std::span(bytes))); }

Result<std::uint64_t> checksum_range(int fd, std::uint64_t offset, std::uint64_t length) {
  return RangeHasher().checksum_range(fd, offset, length);
}

Result<std::vector<std::uint64_t>> checksum_chunks(int fd, std::uint64_t file_offset,
                                                   std::uint64_t data_bytes) {
  ChunkWork work(fd, file_offset, data_bytes);
  const std::uint64_t wanted = std::min<std::uint64_t>(std::thread::hardware_concurrency(),
                                                       chunk_count(data_bytes) / kChunksPerThread);
  {
    std::vector<std::jthread> helpers;
    try {
      while (helpers.size() + 1 < wanted) helpers.emplace_back([&work] { work.run(); });
    } catch (const std::system_error&) {
      // No more threads to be had: those that run do the work.
    }
    work.run();
  }
  return std::move(work).take();
}

}  // namespace stasis::image
