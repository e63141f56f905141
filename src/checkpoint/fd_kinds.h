// The kinds of open files that are known, one function each. Adding a kind: write fd_KIND.cc, name
// its functions here, and enter them in the tables of fd_kinds.cc.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "checkpoint/file_context.h"

namespace stasis::checkpoint {

// Describes file `file` of the context in its model; what cannot be saved becomes a blocker. An
// Error is for what should not fail.
Result<void> collect_fd(FileContext& context, std::uint32_t file);

// What can be told only when all processes' files are known: peers, queues, targets. May add files.
Result<void> finish_fds(FileContext& context);

Result<void> collect_path_file(FileContext& context, std::uint32_t file);
Result<void> collect_eventfd(FileContext& context, std::uint32_t file);
Result<void> collect_epoll(FileContext& context, std::uint32_t file);
Result<void> collect_signalfd(FileContext& context, std::uint32_t file);
Result<void> collect_timerfd(FileContext& context, std::uint32_t file);
Result<void> collect_pipe(FileContext& context, std::uint32_t file);
Result<void> collect_socket(FileContext& context, std::uint32_t file);
Result<void> collect_inotify(FileContext& context, std::uint32_t file);
Result<void> collect_memfd(FileContext& context, std::uint32_t file);
Result<void> collect_pidfd(FileContext& context, std::uint32_t file);
Result<void> collect_namespace(FileContext& context, std::uint32_t file);
Result<void> collect_tty(FileContext& context, std::uint32_t file);
Result<void> collect_unsupported(FileContext& context, std::uint32_t file);

Result<void> finish_sockets(FileContext& context);
Result<void> finish_pipes(FileContext& context);
Result<void> finish_outside_files(FileContext& context);
Result<void> finish_pidfds(FileContext& context);
Result<void> finish_ttys(FileContext& context);
Result<void> finish_controlling_ttys(FileContext& context);
Result<void> finish_file_owners(FileContext& context);
Result<void> finish_epolls(FileContext& context);

// A terminal of any kind, /dev/ptmx and /dev/tty.
bool is_tty_device(const struct stat& status);

// The locks that /proc/PID/fdinfo shows for one descriptor of `file` in `process`.
void collect_locks(FileContext& context, std::uint32_t file, NsPid process,
                   const std::vector<proc::FileLock>& locks);

}  // namespace stasis::checkpoint
