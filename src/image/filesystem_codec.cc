#include "image/filesystem_codec.h"

#include <utility>

#include "image/codec.h"
#include "image/data_codec.h"

namespace stasis::image {
namespace {

void encode_metadata(const model::FileMetadata& from, wire::FileMetadata* to) {
  to->set_mode(from.mode);
  to->set_uid(from.uid);
  to->set_gid(from.gid);
  to->set_atime_ns(from.atime_ns);
  to->set_mtime_ns(from.mtime_ns);
  to->set_device(from.device);
  for (const auto& [name, value] : from.xattrs) {
    wire::NameAndBytes* xattr = to->add_xattrs();
    xattr->set_name(name);
    xattr->set_value(text_of(value));
  }
}

model::FileMetadata decode_metadata(const wire::FileMetadata& from) {
  model::FileMetadata metadata{.mode = from.mode(),
                               .uid = from.uid(),
                               .gid = from.gid(),
                               .atime_ns = from.atime_ns(),
                               .mtime_ns = from.mtime_ns(),
                               .device = from.device(),
                               .xattrs = {}};
  metadata.xattrs.reserve(static_cast<std::size_t>(from.xattrs_size()));
  for (const wire::NameAndBytes& xattr : from.xattrs()) {
    metadata.xattrs.emplace_back(xattr.name(), to_bytes(xattr.value()));
  }
  return metadata;
}

void encode_entry(const model::TreeEntry& from, wire::TreeEntry* to) {
  to->set_path(from.path);
  encode_metadata(from.metadata, to->mutable_metadata());
  if (from.content != model::Content{}) encode_content(from.content, to->mutable_content());
  to->set_link_target(from.link_target);
  to->set_hard_link_of(from.hard_link_of);
}

Result<model::TreeEntry> decode_entry(const wire::TreeEntry& from) {
  STASIS_ASSIGN(auto content, decode_content(from.content()));
  return model::TreeEntry{.path = from.path(),
                          .metadata = decode_metadata(from.metadata()),
                          .content = std::move(content),
                          .link_target = from.link_target(),
                          .hard_link_of = from.hard_link_of()};
}

}  // namespace

void encode_tmpfs(const model::TmpfsMount& from, wire::TmpfsMount* to) {
  to->set_mount_point(from.mount_point);
  encode_list(from.entries, to->mutable_entries(), encode_entry);
}

Result<model::TmpfsMount> decode_tmpfs(const wire::TmpfsMount& from) {
  STASIS_ASSIGN(auto entries, decode_list(from.entries(), "entry", decode_entry));
  return model::TmpfsMount{.mount_point = from.mount_point(), .entries = std::move(entries)};
}

void encode_ghost(const model::GhostFile& from, wire::GhostFile* to) {
  to->set_path(from.path);
  encode_metadata(from.metadata, to->mutable_metadata());
  encode_content(from.content, to->mutable_content());
}

Result<model::GhostFile> decode_ghost(const wire::GhostFile& from) {
  STASIS_ASSIGN(auto content, decode_content(from.content()));
  return model::GhostFile{.path = from.path(),
                          .metadata = decode_metadata(from.metadata()),
                          .content = std::move(content)};
}

}  // namespace stasis::image
