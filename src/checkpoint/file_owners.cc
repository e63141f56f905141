// Who gets SIGIO for a file: F_SETOWN, F_SETSIG.
#include <fcntl.h>

#include "checkpoint/fd_kinds.h"
#include "sys/descriptor.h"

namespace stasis::checkpoint {
namespace {

Result<void> describe(FileContext& context, std::uint32_t file) {
  const int fd = context.files[file].fd.get();
  STASIS_ASSIGN(const auto owner, sys::get_file_owner(fd));
  STASIS_ASSIGN(const int signal, sys::get_file_signal(fd));
  if (owner.id == 0 && signal == 0) return {};
  model::FileOwner described;
  described.type = owner.type;
  described.signal = signal;
  if (owner.id != 0) {
    const auto id = owner.type == F_OWNER_PGRP ? context.group_to_ns(HostPid{owner.id})
                                               : context.to_ns(HostPid{owner.id});
    // An owner that is gone or outside gets no signal after a restore either.
    described.id = id.value_or(NsPid{});
    STASIS_ASSIGN(const auto uids, sys::get_owner_uids(fd));
    described.uid = uids.uid;
    described.euid = uids.euid;
  }
  context.model_of(file).owner = described;
  return {};
}

}  // namespace

Result<void> finish_file_owners(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    const auto& described = context.model_of(file);
    const bool outside = std::holds_alternative<model::ExternalFile>(described.detail);
    if (!outside && (described.flags & O_PATH) == 0) STASIS_TRY(describe(context, file));
  }
  return {};
}

}  // namespace stasis::checkpoint
