#include "memory/page_copier.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "sys/file.h"
#include "sys/process.h"

namespace stasis::memory {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{256} << 10;  // stays in a second-level cache
constexpr std::uint64_t kBytesForSecondThread = std::uint64_t{8} << 20;
constexpr unsigned kMaxThreads = 4;

struct Piece {
  std::size_t job = 0;
  model::DataExtent extent;
};

std::vector<Piece> cut_into_pieces(const std::vector<CopyJob>& jobs) {
  std::vector<Piece> pieces;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    for (const auto& extent : jobs[job].pages) {
      for (std::uint64_t done = 0; done < extent.length; done += kPieceBytes) {
        pieces.push_back({job,
                          {extent.object_offset + done, std::min(kPieceBytes, extent.length - done),
                           extent.data_offset + done}});
      }
    }
  }
  return pieces;
}

bool is_zero(std::span<const std::byte> page) {
  std::uint64_t first = 0;
  if (page.size() <= sizeof(first)) {
    return std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; });
  }
  std::memcpy(&first, page.data(), sizeof(first));
  return first == 0 &&
         std::memcmp(page.data(), page.data() + sizeof(first), page.size() - sizeof(first)) == 0;
}

class Copier {
 public:
  Copier(const std::vector<CopyJob>& jobs, image::ImageWriter& image)
      : jobs_(jobs), image_(image), pieces_(cut_into_pieces(jobs)) {
    result_.zero_ranges.resize(jobs.size());
    result_.unread_ranges.resize(jobs.size());
  }

  unsigned useful_threads() const {
    std::uint64_t bytes = 0;
    for (const auto& piece : pieces_) bytes += piece.extent.length;
    const auto wanted = static_cast<unsigned>(
        std::min<std::uint64_t>(1 + bytes / kBytesForSecondThread, kMaxThreads));
    return std::min(wanted, std::max(1U, std::thread::hardware_concurrency()));
  }

  void work() {
    std::vector<std::byte> buffer(kPieceBytes);
    CopyResult mine;
    mine.zero_ranges.resize(jobs_.size());
    mine.unread_ranges.resize(jobs_.size());
    while (!failed_) {
      const std::size_t index = next_++;
      if (index >= pieces_.size()) break;
      if (auto copied = copy(pieces_[index], buffer, mine); !copied.has_value()) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::move(copied.error());
        failed_ = true;
      }
    }
    merge(mine);
  }

  Result<CopyResult> finish() {
    if (error_) return std::move(*error_);
    for (auto& ranges : result_.zero_ranges) std::ranges::sort(ranges);
    for (auto& ranges : result_.unread_ranges) std::ranges::sort(ranges);
    return std::move(result_);
  }

 private:
  Result<void> copy(const Piece& piece, std::vector<std::byte>& buffer, CopyResult& mine) {
    const auto& job = jobs_[piece.job];
    const auto bytes = std::span(buffer).first(piece.extent.length);
    const std::uint64_t address = piece.extent.object_offset;
    auto read = sys::pread_exact(job.memory_fd, bytes, address);
    if (!read.has_value()) {
      if (job.unreadable_pages == UnreadablePages::kFail) {
        return std::move(read.error())
            .context(fmt::format("reading {} bytes of memory at {:#x}", bytes.size(), address));
      }
      mine.unread_ranges[piece.job].push_back({address, address + bytes.size()});
      return {};
    }
    if (job.zero_pages == ZeroPages::kStore) return write(piece.extent, bytes, mine);
    return write_without_zeros(piece, bytes, mine);
  }

  Result<void> write_without_zeros(const Piece& piece, std::span<const std::byte> bytes,
                                   CopyResult& mine) {
    const auto& extent = piece.extent;
    std::uint64_t from = 0;
    for (std::uint64_t at = 0; at < bytes.size(); at += model::kPageSize) {
      const std::uint64_t end = std::min(at + model::kPageSize, bytes.size());
      if (!is_zero(bytes.subspan(at, end - at))) continue;
      STASIS_TRY(write(extent, from, bytes.subspan(from, at - from), mine));
      from = end;
      const std::uint64_t address = extent.object_offset;
      mine.zero_ranges[piece.job].push_back({address + at, address + end});
    }
    return write(extent, from, bytes.subspan(from), mine);
  }

  Result<void> write(const model::DataExtent& extent, std::uint64_t skip,
                     std::span<const std::byte> bytes, CopyResult& mine) {
    if (bytes.empty()) return {};
    mine.written_bytes += bytes.size();
    return image_.write_data(extent.data_offset + skip, bytes);
  }
  Result<void> write(const model::DataExtent& extent, std::span<const std::byte> bytes,
                     CopyResult& mine) {
    return write(extent, 0, bytes, mine);
  }

  static void append(std::vector<AddressRange>& all, const std::vector<AddressRange>& more) {
    all.insert(all.end(), more.begin(), more.end());
  }

  void merge(const CopyResult& mine) {
    const std::lock_guard lock(mutex_);
    result_.written_bytes += mine.written_bytes;
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
      append(result_.zero_ranges[job], mine.zero_ranges[job]);
      append(result_.unread_ranges[job], mine.unread_ranges[job]);
    }
  }

  const std::vector<CopyJob>& jobs_;
  image::ImageWriter& image_;
  std::vector<Piece> pieces_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // guards error_ and result_
  std::optional<Error> error_;
  CopyResult result_;
};

// Of the calling thread. Where the container keeps all processors busy it gets a tenth of one, so
// that the container hardly notices; elsewhere all that is left over.
void give_way() {
  constexpr std::uint32_t kBatch = 3;  // SCHED_BATCH
  constexpr std::int32_t kNice = 10;
  const auto lowered = sys::sched_setattr(HostPid{}, {.policy = kBatch, .nice = kNice});
  if (!lowered) log(LogLevel::kDebug, "ignored: {}", lowered.error().message());
}

}  // namespace

Result<CopyResult> copy_pages(const std::vector<CopyJob>& jobs, image::ImageWriter& image,
                              Parallelism parallelism) {
  Copier copier(jobs, image);
  if (parallelism == Parallelism::kInBackground) {
    // A thread of its own: who has lowered its priority may not be able to raise it again.
    std::jthread([&copier] {
      give_way();
      copier.work();
    }).join();
    return copier.finish();
  }
  const unsigned threads = copier.useful_threads();
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < threads; ++i) {
    helpers.emplace_back([&copier] { copier.work(); });
  }
  copier.work();
  helpers.clear();  // joins
  return copier.finish();
}

}  // namespace stasis::memory
