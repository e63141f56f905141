// File locks: flock(2), POSIX and OFD ones of fcntl(2). The kernel lists each with the descriptor
// through which it was taken.
#include <algorithm>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {
namespace {

std::optional<model::LockKind> kind_of(proc::LockClass kind) {
  switch (kind) {
    case proc::LockClass::kPosix:
      return model::LockKind::kPosix;
    case proc::LockClass::kOfd:
      return model::LockKind::kOfd;
    case proc::LockClass::kFlock:
      return model::LockKind::kFlock;
    case proc::LockClass::kLease:
    case proc::LockClass::kDelegation:
      return std::nullopt;
  }
  return std::nullopt;
}

// Several descriptors of one description list the same lock.
void add_once(std::vector<model::FileLock>& locks, const model::FileLock& lock) {
  if (std::find(locks.begin(), locks.end(), lock) == locks.end()) locks.push_back(lock);
}

}  // namespace

void collect_locks(FileContext& context, std::uint32_t file, NsPid process,
                   const std::vector<proc::FileLock>& locks) {
  for (const auto& found : locks) {
    if (found.waiting) continue;
    const auto kind = kind_of(found.kind);
    if (!kind) {
      context.block_once(file, "a file with a lease", "give the lease back before the checkpoint");
      continue;
    }
    if (!context.options.file_locks) {
      context.block_once(file, "a file with a lock", "use --file-locks");
      continue;
    }
    add_once(context.model_of(file).locks,
             {.kind = *kind,
              .exclusive = found.mode == proc::LockMode::kWrite,
              .owner = *kind == model::LockKind::kPosix ? process : NsPid{},
              .start = found.start,
              .end = found.end});
  }
}

}  // namespace stasis::checkpoint
