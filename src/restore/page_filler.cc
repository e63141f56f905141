#include "restore/page_filler.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

namespace stasis::restore {
namespace {

constexpr std::size_t kMostVectors = 1024;                    // IOV_MAX
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // below the 0x7ffff000 of one read
constexpr std::size_t kMostVectorsInBatch = 32768;

}  // namespace

Result<void> PageFiller::add(const memory::Extents& extents) {
  std::vector<model::DataExtent> run;
  std::uint64_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    if (run.empty()) return {};
    STASIS_TRY(add_read(run));
    run.clear();
    bytes = 0;
    return {};
  };
  for (model::DataExtent extent : extents) {
    while (extent.length > 0) {
      const bool continues =
          run.empty() || run.back().data_offset + run.back().length == extent.data_offset;
      if (!continues || run.size() == kMostVectors || bytes == kMostBytes) STASIS_TRY(flush());
      model::DataExtent part = extent;
      part.length = std::min(extent.length, kMostBytes - bytes);
      run.push_back(part);
      bytes += part.length;
      extent.object_offset += part.length;
      extent.data_offset += part.length;
      extent.length -= part.length;
    }
  }
  return flush();
}

Result<void> PageFiller::add_read(std::span<const model::DataExtent> run) {
  std::vector<iovec> vectors;
  std::uint64_t bytes = 0;
  for (const auto& extent : run) {
    vectors.push_back({reinterpret_cast<void*>(extent.object_offset), extent.length});
    bytes += extent.length;
  }
  const auto room = batch_.bytes(std::as_bytes(std::span(vectors)));
  batch_.describe(fmt::format("reading {} bytes to {:x}", bytes, run.front().object_offset));
  const auto call = batch_.must(SYS_preadv, image_fd_, room, vectors.size(),
                                image_.file_offset(run.front().data_offset), 0);
  reads_.push_back({call, bytes});
  vectors_ += vectors.size();
  if (vectors_ >= kMostVectorsInBatch) return finish();
  return {};
}

Result<void> PageFiller::drop(memory::AddressRange range) {
  batch_.describe(fmt::format("dropping {:x}-{:x}", range.start, range.end));
  batch_.must(SYS_madvise, range.start, range.bytes(), MADV_DONTNEED);
  return {};
}

Result<void> PageFiller::finish() {
  if (batch_.empty()) return {};
  STASIS_TRY(courier_.run(batch_));
  for (const Expected& read : reads_) {
    const auto got = static_cast<std::uint64_t>(batch_.result(read.call));
    if (got != read.bytes) {
      return fail(ErrorKind::kKernel, "reading pages from the image: {} of {} bytes came", got,
                  read.bytes);
    }
  }
  batch_ = courier::SyscallBatch();
  reads_.clear();
  vectors_ = 0;
  return {};
}

}  // namespace stasis::restore
