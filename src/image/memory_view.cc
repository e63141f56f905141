#include "image/memory_view.h"

#include <algorithm>

namespace stasis::image {
namespace {

struct Range {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
};

// The bytes that the process would find there without a single stored page: zero, or nothing known.
bool starts_as_zero(const model::Vma& vma) { return vma.kind == model::VmaKind::kAnonymous; }

// Copies what `extents` (offsets relative to `base`) hold of `range` over `into`; gives the number
// of bytes that they hold.
Result<std::uint64_t> read_extents(const ImageReader& image,
                                   const std::vector<model::DataExtent>& extents, Range range,
                                   std::span<std::byte> into) {
  std::uint64_t found = 0;
  for (const model::DataExtent& extent : extents) {
    const std::uint64_t start = std::max(range.start, extent.object_offset);
    const std::uint64_t end = std::min(range.end, extent.object_offset + extent.length);
    if (start >= end) continue;
    STASIS_TRY(image.read_data(extent.data_offset + (start - extent.object_offset),
                               into.subspan(start - range.start, end - start)));
    found += end - start;
  }
  return found;
}

// The part of `range` that lies in `vma`.
Result<bool> read_area(const ImageReader& image, const model::Vma& vma, Range range,
                       std::span<std::byte> into) {
  if (vma.shared_memory && vma.shared) {
    const auto& object = image.container().shared_memory[*vma.shared_memory];
    const std::uint64_t shift = vma.file_offset - vma.start;  // modulo 2^64
    STASIS_TRY(read_extents(image, object.content.extents,
                            {.start = range.start + shift, .end = range.end + shift}, into));
    return true;
  }
  STASIS_ASSIGN(const std::uint64_t found, read_extents(image, vma.pages, range, into));
  return starts_as_zero(vma) || found == range.end - range.start;
}

}  // namespace

Result<std::optional<std::string>> read_memory(const ImageReader& image,
                                               const model::AddressSpace& memory,
                                               RemoteAddr address, std::uint64_t length) {
  using Nothing = std::optional<std::string>;
  if (length > UINT64_MAX - address.value) return Nothing();
  std::string bytes;
  Range range{.start = address.value, .end = address.value + length};
  while (range.start < range.end) {
    const auto after = std::ranges::upper_bound(memory.vmas, range.start, {}, &model::Vma::end);
    if (after == memory.vmas.end() || after->start > range.start) return Nothing();
    const Range part{.start = range.start, .end = std::min(range.end, after->end)};
    const std::size_t done = bytes.size();
    bytes.resize(done + (part.end - part.start));
    const auto into = std::as_writable_bytes(std::span(bytes)).subspan(done);
    STASIS_ASSIGN(const bool known, read_area(image, *after, part, into));
    if (!known) return Nothing();
    range.start = part.end;
  }
  return Nothing(std::move(bytes));
}

}  // namespace stasis::image
