// The kinds of open files, as restored. Adding a kind: write fd_KIND.cc, name its function here,
// and enter it in the visitor of fd_kinds.cc.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/open_file.h"
#include "restore/file_context.h"

namespace stasis::restore {

// Opens file `file`, when it needs no other file.
Result<UniqueFd> open_path_file(const FileContext& context, const model::OpenFile& file,
                                const model::PathFile& detail);
Result<UniqueFd> open_memfd(const FileContext& context, const model::OpenFile& file,
                            const model::MemfdFile& detail);
Result<UniqueFd> open_external(const FileContext& context, const model::ExternalFile& detail);
Result<UniqueFd> open_eventfd(const model::OpenFile& file, const model::EventFd& detail);
Result<UniqueFd> open_signalfd(const model::OpenFile& file, const model::SignalFd& detail);
Result<UniqueFd> open_timerfd(const model::OpenFile& file, const model::TimerFd& detail);

Result<UniqueFd> open_pidfd(const FileContext& context, const model::PidFdFile& detail);
Result<UniqueFd> open_namespace(const FileContext& context, const model::NamespaceFile& detail);

// Fill the entries of their kind in `context.files`.
Result<void> open_independent_files(FileContext& context);
Result<void> open_pipes(FileContext& context);
Result<void> open_sockets(FileContext& context);
Result<void> open_inotifies(FileContext& context);

// After all files are open.
Result<void> fill_socket_queues(FileContext& context);
Result<void> fill_epolls(FileContext& context);
// A number above all under which epolls watch files.
int first_safe_fd(const model::Container& container);
Result<void> set_all_status_flags(FileContext& context);

}  // namespace stasis::restore
