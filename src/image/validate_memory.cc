#include <bit>
#include <limits>

#include "image/validate_rules.h"

namespace stasis::image {
namespace {

constexpr std::uint64_t kAddressLimit = std::uint64_t{1} << 56;  // user half with 5-level paging
constexpr std::size_t kMaxAuxv = 4096;
constexpr std::size_t kMaxName = 255;

Result<void> check_reference(const model::Vma& vma, const Bounds& bounds) {
  const bool wants_file = vma.kind == model::VmaKind::kFile;
  const bool wants_shared = vma.kind == model::VmaKind::kSharedMemory;
  if (vma.file.has_value() != wants_file || vma.shared_memory.has_value() != wants_shared) {
    return broken("its references do not fit its kind {}", static_cast<int>(vma.kind));
  }
  STASIS_TRY(check_index(vma.file, bounds.container.mapped_files.size(), "mapped file"));
  return check_index(vma.shared_memory, bounds.container.shared_memory.size(), "shared memory");
}

Result<void> check_guards(const model::Vma& vma) {
  std::uint64_t at = vma.start;
  for (const model::PageSpan& guard : vma.guards) {
    if (guard.start < at || guard.end <= guard.start || guard.end > vma.end ||
        (guard.start | guard.end) % model::kPageSize != 0) {
      return broken("bad guard pages {:#x}-{:#x}", guard.start, guard.end);
    }
    at = guard.end;
  }
  return {};
}

Result<void> check_vma(const model::Vma& vma, const Bounds& bounds) {
  constexpr std::uint64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();
  if (vma.start >= vma.end || vma.end > kAddressLimit ||
      (vma.start | vma.end) % model::kPageSize != 0) {
    return broken("bad range");
  }
  if ((vma.protection & ~(model::kProtRead | model::kProtWrite | model::kProtExec)) != 0) {
    return broken("unknown protection {:#x}", vma.protection);
  }
  STASIS_TRY(check_reference(vma, bounds));
  if (vma.file_offset % model::kPageSize != 0 ||
      vma.file_offset > kMaxOffset - (vma.end - vma.start)) {
    return broken("bad file offset {:#x}", vma.file_offset);
  }
  if (vma.huge_tlb &&
      (!std::has_single_bit(vma.huge_page_bytes) || vma.huge_page_bytes < model::kPageSize)) {
    return broken("huge pages of {} bytes", vma.huge_page_bytes);
  }
  STASIS_TRY(check_text(vma.name, kMaxName, "name"));
  STASIS_TRY(check_guards(vma));
  if (vma.shared && !vma.pages.empty()) return broken("a shared area with pages of its own");
  return check_extents(vma.pages, vma.start, vma.end, Alignment::kPages, bounds);
}

}  // namespace

Result<void> check_address_space(const model::AddressSpace& memory, const Bounds& bounds) {
  std::uint64_t last_end = 0;
  for (const model::Vma& vma : memory.vmas) {
    auto checked = vma.start >= last_end ? check_vma(vma, bounds)
                                         : Result<void>(broken("overlaps the one before"));
    if (!checked.has_value()) {
      return std::move(checked.error())
          .context(fmt::format("area {:#x}-{:#x}", vma.start, vma.end));
    }
    last_end = vma.end;
  }
  if (memory.layout.auxv.size() > kMaxAuxv) {
    return broken("auxiliary vector: {} bytes, more than {}", memory.layout.auxv.size(), kMaxAuxv);
  }
  return check_index(std::uint64_t{memory.exe_file}, bounds.container.mapped_files.size(),
                     "exe: mapped file");
}

Result<void> check_mapped_file(const model::MappedFile& file, const Bounds& bounds) {
  STASIS_TRY(check_absolute(file.path, "path"));
  return check_index(file.ghost, bounds.container.ghost_files.size(), "ghost file");
}

Result<void> check_shared_memory(const model::SharedMemory& object, const Bounds& bounds) {
  STASIS_TRY(check_text(object.name, kMaxName, "name"));
  return check_content(object.content, bounds);
}

}  // namespace stasis::image
