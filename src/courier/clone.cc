#include "courier/clone.h"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <cstddef>

namespace stasis::courier {
namespace {

SyscallBatch clone_batch(NsPid id, std::uint64_t flags, int exit_signal) {
  SyscallBatch batch;
  const auto number = batch.value(id.value);
  struct clone_args arguments {};
  arguments.flags = flags;
  arguments.exit_signal = static_cast<std::uint64_t>(exit_signal);
  arguments.set_tid_size = 1;
  const auto room = batch.value(arguments);
  batch.point(room, offsetof(struct clone_args, set_tid), number);
  batch.must(SYS_clone3, room, sizeof(arguments));
  return batch;
}

}  // namespace

SyscallBatch clone_process_batch(NsPid pid, int exit_signal) {
  return clone_batch(pid, 0, exit_signal);
}

// The exit signal is the caller's own: naming one is EINVAL.
SyscallBatch clone_sibling_batch(NsPid pid) { return clone_batch(pid, CLONE_PARENT, 0); }

SyscallBatch clone_thread_batch(NsPid tid) {
  constexpr std::uint64_t kThread =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  return clone_batch(tid, kThread, 0);
}

}  // namespace stasis::courier
