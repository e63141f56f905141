// The parts of validate(), for validate*.cc only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/container.h"

namespace stasis::image {

// What references are checked against.
struct Bounds {
  const model::Container& container;
  std::uint64_t data_bytes = 0;
};

template <class... Args>
Error broken(fmt::format_string<Args...> text, Args&&... args) {
  return fail(ErrorKind::kCorruptImage, text, std::forward<Args>(args)...);
}

// A reference: `index` into a vector of `size` elements.
Result<void> check_index(std::uint64_t index, std::size_t size, std::string_view name);
Result<void> check_index(const std::optional<std::uint32_t>& index, std::size_t size,
                         std::string_view name);
Result<void> check_indexes(const std::vector<std::uint32_t>& indexes, std::size_t size,
                           std::string_view name);

// No NUL, at most `most` bytes.
Result<void> check_text(std::string_view text, std::size_t most, std::string_view name);
// "/" or "/a/b": no empty, "." or ".." component, below PATH_MAX.
Result<void> check_absolute(std::string_view path, std::string_view name);
// "a/b" by the same rules; may be empty.
Result<void> check_relative(std::string_view path, std::string_view name);

enum class Alignment { kBytes, kPages };
// Sorted, not overlapping, inside [start, end) of the object and inside the data area.
Result<void> check_extents(const std::vector<model::DataExtent>& extents, std::uint64_t start,
                           std::uint64_t end, Alignment alignment, const Bounds& bounds);
Result<void> check_content(const model::Content& content, const Bounds& bounds);

Result<void> check_processes(const Bounds& bounds);
Result<void> check_address_space(const model::AddressSpace& memory, const Bounds& bounds);
Result<void> check_mapped_file(const model::MappedFile& file, const Bounds& bounds);
Result<void> check_shared_memory(const model::SharedMemory& object, const Bounds& bounds);
Result<void> check_open_file(const model::OpenFile& file, const Bounds& bounds);
Result<void> check_pipe(const model::Pipe& pipe, const Bounds& bounds);
Result<void> check_tty(const model::Tty& tty, const Bounds& bounds);
Result<void> check_socket(const model::Socket& socket, const Bounds& bounds);
Result<void> check_ghost(const model::GhostFile& ghost, const Bounds& bounds);
Result<void> check_tmpfs(const model::TmpfsMount& mount, const Bounds& bounds);
Result<void> check_ipc(const model::Ipc& ipc, const Bounds& bounds);
Result<void> check_network(const model::Network& network, const Bounds& bounds);

// Runs `check` over all elements and adds "NAME INDEX" to its error.
template <class Item>
Result<void> check_all(const std::vector<Item>& items, std::string_view name, const Bounds& bounds,
                       Result<void> (*check)(const Item&, const Bounds&)) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto checked = check(items[i], bounds); !checked.has_value()) {
      return std::move(checked.error()).context(fmt::format("{} {}", name, i));
    }
  }
  return {};
}

}  // namespace stasis::image
