#include "restore/locks.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <unordered_set>

#include <fmt/format.h>

#include "sys/file_lock.h"

namespace stasis::restore {
namespace {

sys::LockMode mode_of(const model::FileLock& lock) {
  return lock.exclusive ? sys::LockMode::kExclusive : sys::LockMode::kShared;
}

Result<void> take(int fd, const model::FileLock& lock) {
  switch (lock.kind) {
    case model::LockKind::kFlock:
      return sys::lock_whole_file(fd, mode_of(lock));
    case model::LockKind::kOfd:
      return sys::lock_description_range(fd, mode_of(lock), lock.start, lock.end);
    case model::LockKind::kPosix:  // add_process_locks()
      return {};
    case model::LockKind::kLease:
      return fail(ErrorKind::kUnsupported, "a lease");
  }
  return {};
}

}  // namespace

Result<void> take_description_locks(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    for (const auto& lock : context.model_of(file).locks) {
      auto taken = take(context.files[file].get(), lock);
      if (!taken) {
        return std::move(taken.error())
            .context(fmt::format("restoring a lock of {}", context.place(file)));
      }
    }
  }
  return {};
}

void add_process_locks(const model::Container& container, const model::Process& process,
                       courier::SyscallBatch& batch) {
  std::unordered_set<std::uint32_t> seen;
  for (const auto& entry : process.fds) {
    if (!seen.insert(entry.open_file).second) continue;
    for (const auto& lock : container.open_files[entry.open_file].locks) {
      if (lock.kind != model::LockKind::kPosix || lock.owner != process.pid) continue;
      batch.describe(
          fmt::format("restoring a lock of fd {} of pid {}", entry.fd, process.pid.value));
      const auto range = sys::make_range_lock(mode_of(lock), lock.start, lock.end);
      batch.must(SYS_fcntl, entry.fd, F_SETLK, batch.value(range));
    }
  }
}

}  // namespace stasis::restore
