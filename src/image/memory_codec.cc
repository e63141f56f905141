#include "image/memory_codec.h"

#include <utility>

#include "image/codec.h"
#include "image/data_codec.h"

namespace stasis::image {
namespace {

void encode_span(const model::PageSpan& from, wire::PageSpan* to) {
  to->set_start(from.start);
  to->set_end(from.end);
}

Result<model::PageSpan> decode_span(const wire::PageSpan& from) {
  return model::PageSpan{from.start(), from.end()};
}

void encode_vma(const model::Vma& from, wire::Vma* to) {
  to->set_start(from.start);
  to->set_end(from.end);
  to->set_protection(from.protection);
  to->set_kind(static_cast<wire::VmaKind>(from.kind));
  to->set_shared(from.shared);
  to->set_grows_down(from.grows_down);
  to->set_locked(from.locked);
  to->set_locked_on_fault(from.locked_on_fault);
  to->set_no_reserve(from.no_reserve);
  to->set_huge_tlb(from.huge_tlb);
  to->set_huge_page_bytes(from.huge_page_bytes);
  encode_numbers(from.advice, to->mutable_advice());
  to->set_file_offset(from.file_offset);
  if (from.file) to->set_file(*from.file);
  if (from.shared_memory) to->set_shared_memory(*from.shared_memory);
  to->set_read_only_backing(from.read_only_backing);
  to->set_name(from.name);
  if (!from.pages.empty()) encode_extents(from.pages, to->mutable_pages());
  encode_list(from.guards, to->mutable_guards(), encode_span);
}

Result<model::Vma> decode_vma(const wire::Vma& from) {
  STASIS_ASSIGN(const auto kind, decode_enum(from.kind(), "kind", model::VmaKind::kAnonymous,
                                             model::VmaKind::kVvarVclock));
  STASIS_ASSIGN(auto pages, decode_extents(from.pages()));
  STASIS_ASSIGN(auto guards, decode_list(from.guards(), "guard", decode_span));
  return model::Vma{.start = from.start(),
                    .end = from.end(),
                    .protection = from.protection(),
                    .kind = kind,
                    .shared = from.shared(),
                    .grows_down = from.grows_down(),
                    .locked = from.locked(),
                    .locked_on_fault = from.locked_on_fault(),
                    .no_reserve = from.no_reserve(),
                    .huge_tlb = from.huge_tlb(),
                    .huge_page_bytes = from.huge_page_bytes(),
                    .advice = decode_numbers(from.advice()),
                    .file_offset = from.file_offset(),
                    .file = optional_if(from.has_file(), from.file()),
                    .shared_memory = optional_if(from.has_shared_memory(), from.shared_memory()),
                    .read_only_backing = from.read_only_backing(),
                    .name = from.name(),
                    .pages = std::move(pages),
                    .guards = std::move(guards)};
}

void encode_layout(const model::MemoryLayout& from, wire::MemoryLayout* to) {
  to->set_start_code(from.start_code);
  to->set_end_code(from.end_code);
  to->set_start_data(from.start_data);
  to->set_end_data(from.end_data);
  to->set_start_brk(from.start_brk);
  to->set_brk(from.brk);
  to->set_start_stack(from.start_stack);
  to->set_arg_start(from.arg_start);
  to->set_arg_end(from.arg_end);
  to->set_env_start(from.env_start);
  to->set_env_end(from.env_end);
  to->set_auxv(text_of(from.auxv));
}

model::MemoryLayout decode_layout(const wire::MemoryLayout& from) {
  return {.start_code = from.start_code(),
          .end_code = from.end_code(),
          .start_data = from.start_data(),
          .end_data = from.end_data(),
          .start_brk = from.start_brk(),
          .brk = from.brk(),
          .start_stack = from.start_stack(),
          .arg_start = from.arg_start(),
          .arg_end = from.arg_end(),
          .env_start = from.env_start(),
          .env_end = from.env_end(),
          .auxv = to_bytes(from.auxv())};
}

}  // namespace

void encode_address_space(const model::AddressSpace& from, wire::AddressSpace* to) {
  encode_list(from.vmas, to->mutable_vmas(), encode_vma);
  encode_layout(from.layout, to->mutable_layout());
  to->set_exe_file(from.exe_file);
  to->set_dumpable(from.dumpable);
  to->set_thp_disabled(from.thp_disabled);
  to->set_mlockall_flags(from.mlockall_flags);
  to->set_membarrier(from.membarrier);
}

Result<model::AddressSpace> decode_address_space(const wire::AddressSpace& from) {
  STASIS_ASSIGN(auto vmas, decode_list(from.vmas(), "area", decode_vma));
  return model::AddressSpace{.vmas = std::move(vmas),
                             .layout = decode_layout(from.layout()),
                             .exe_file = from.exe_file(),
                             .dumpable = from.dumpable(),
                             .thp_disabled = from.thp_disabled(),
                             .mlockall_flags = from.mlockall_flags(),
                             .membarrier = from.membarrier()};
}

void encode_mapped_file(const model::MappedFile& from, wire::MappedFile* to) {
  to->set_path(from.path);
  to->set_open_flags(from.open_flags);
  to->set_size(from.size);
  to->set_mtime_ns(from.mtime_ns);
  if (from.ghost) to->set_ghost(*from.ghost);
}

Result<model::MappedFile> decode_mapped_file(const wire::MappedFile& from) {
  return model::MappedFile{.path = from.path(),
                           .open_flags = from.open_flags(),
                           .size = from.size(),
                           .mtime_ns = from.mtime_ns(),
                           .ghost = optional_if(from.has_ghost(), from.ghost())};
}

void encode_shared_memory(const model::SharedMemory& from, wire::SharedMemory* to) {
  to->set_kind(static_cast<wire::SharedMemoryKind>(from.kind));
  encode_content(from.content, to->mutable_content());
  to->set_name(from.name);
  to->set_seals(from.seals);
  to->set_memfd_flags(from.memfd_flags);
  to->set_mode(from.mode);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
  to->set_sysv_id(from.sysv_id);
}

Result<model::SharedMemory> decode_shared_memory(const wire::SharedMemory& from) {
  STASIS_ASSIGN(const auto kind,
                decode_enum(from.kind(), "kind", model::SharedMemoryKind::kAnonymous,
                            model::SharedMemoryKind::kSysv));
  STASIS_ASSIGN(auto content, decode_content(from.content()));
  return model::SharedMemory{.kind = kind,
                             .content = std::move(content),
                             .name = from.name(),
                             .seals = from.seals(),
                             .memfd_flags = from.memfd_flags(),
                             .mode = from.mode(),
                             .uid = from.uid(),
                             .gid = from.gid(),
                             .sysv_id = from.sysv_id()};
}

}  // namespace stasis::image
