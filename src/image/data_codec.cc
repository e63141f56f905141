#include "image/data_codec.h"

#include <bit>
#include <utility>

namespace stasis::image {

void encode_extents(const std::vector<model::DataExtent>& from, wire::Extents* to) {
  const int count = static_cast<int>(from.size());
  to->mutable_gap()->Reserve(count);
  to->mutable_length()->Reserve(count);
  to->mutable_data_delta()->Reserve(count);
  std::uint64_t object_end = 0;
  std::uint64_t data_end = 0;
  for (const model::DataExtent& extent : from) {
    to->mutable_gap()->AddAlreadyReserved(extent.object_offset - object_end);
    to->mutable_length()->AddAlreadyReserved(extent.length);
    to->mutable_data_delta()->AddAlreadyReserved(
        std::bit_cast<std::int64_t>(extent.data_offset - data_end));
    object_end = extent.object_offset + extent.length;
    data_end = extent.data_offset + extent.length;
  }
}

Result<std::vector<model::DataExtent>> decode_extents(const wire::Extents& from) {
  const int count = from.gap_size();
  if (from.length_size() != count || from.data_delta_size() != count) {
    return fail(ErrorKind::kCorruptImage, "extents: columns of {}, {} and {} numbers", count,
                from.length_size(), from.data_delta_size());
  }
  std::vector<model::DataExtent> extents;
  extents.reserve(static_cast<std::size_t>(count));
  std::uint64_t object_end = 0;
  std::uint64_t data_end = 0;
  for (int i = 0; i < count; ++i) {
    const model::DataExtent extent{
        .object_offset = object_end + from.gap(i),
        .length = from.length(i),
        .data_offset = data_end + std::bit_cast<std::uint64_t>(from.data_delta(i))};
    object_end = extent.object_offset + extent.length;
    data_end = extent.data_offset + extent.length;
    extents.push_back(extent);
  }
  return extents;
}

void encode_content(const model::Content& from, wire::Content* to) {
  to->set_size(from.size);
  if (!from.extents.empty()) encode_extents(from.extents, to->mutable_extents());
}

Result<model::Content> decode_content(const wire::Content& from) {
  STASIS_ASSIGN(auto extents, decode_extents(from.extents()));
  return model::Content{.size = from.size(), .extents = std::move(extents)};
}

}  // namespace stasis::image
