#include "image/validate_rules.h"

#include "base/parse.h"

namespace stasis::image {
namespace {

constexpr std::size_t kMaxPath = 4096;

std::uint64_t page_round_up(std::uint64_t bytes) {
  const std::uint64_t rest = bytes % model::kPageSize;
  return rest == 0 ? bytes : bytes + (model::kPageSize - rest);
}

bool has_sane_components(std::string_view path) {
  for (const std::string_view component : split(path, '/')) {
    if (component.empty() || component == "." || component == "..") return false;
  }
  return true;
}

}  // namespace

Result<void> check_index(std::uint64_t index, std::size_t size, std::string_view name) {
  if (index < size) return {};
  return broken("{} {}, but there are {}", name, index, size);
}

Result<void> check_index(const std::optional<std::uint32_t>& index, std::size_t size,
                         std::string_view name) {
  if (!index) return {};
  return check_index(std::uint64_t{*index}, size, name);
}

Result<void> check_indexes(const std::vector<std::uint32_t>& indexes, std::size_t size,
                           std::string_view name) {
  for (const std::uint32_t index : indexes) {
    STASIS_TRY(check_index(std::uint64_t{index}, size, name));
  }
  return {};
}

Result<void> check_text(std::string_view text, std::size_t most, std::string_view name) {
  if (text.size() > most) return broken("{}: {} bytes, more than {}", name, text.size(), most);
  if (text.find('\0') != std::string_view::npos) return broken("{}: contains a NUL", name);
  return {};
}

Result<void> check_absolute(std::string_view path, std::string_view name) {
  STASIS_TRY(check_text(path, kMaxPath - 1, name));
  if (path == "/") return {};
  if (path.starts_with('/') && has_sane_components(path.substr(1))) return {};
  return broken("{}: '{}' is no plain absolute path", name, path);
}

Result<void> check_relative(std::string_view path, std::string_view name) {
  STASIS_TRY(check_text(path, kMaxPath - 1, name));
  if (path.empty() || has_sane_components(path)) return {};
  return broken("{}: '{}' is no plain relative path", name, path);
}

Result<void> check_extents(const std::vector<model::DataExtent>& extents, std::uint64_t start,
                           std::uint64_t end, Alignment alignment, const Bounds& bounds) {
  std::uint64_t last_end = start;
  for (const model::DataExtent& extent : extents) {
    const auto& [offset, length, data] = extent;
    if (offset < last_end || offset > end || length == 0 || length > end - offset) {
      return broken("extent at {:#x} of {} bytes: not in order or outside [{:#x}, {:#x})", offset,
                    length, start, end);
    }
    if (data > bounds.data_bytes || length > bounds.data_bytes - data) {
      return broken("extent at {:#x}: {} bytes at {} of {} bytes of data", offset, length, data,
                    bounds.data_bytes);
    }
    if (alignment == Alignment::kPages && (offset | length | data) % model::kPageSize != 0) {
      return broken("extent at {:#x}: {} bytes at {} are no whole pages", offset, length, data);
    }
    last_end = offset + length;
  }
  return {};
}

// The last extent may fill up the last page of the object.
Result<void> check_content(const model::Content& content, const Bounds& bounds) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (content.size > kMost) return broken("size {} is out of range", content.size);
  return check_extents(content.extents, 0, page_round_up(content.size), Alignment::kBytes, bounds);
}

}  // namespace stasis::image
