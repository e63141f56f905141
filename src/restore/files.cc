#include "restore/files.h"

#include "restore/fd_kinds.h"

namespace stasis::restore {

Result<std::vector<UniqueFd>> FileRestorer::open_all() {
  FileContext context(container_, sources_);
  STASIS_TRY(open_independent_files(context));
  STASIS_TRY(open_pipes(context));
  STASIS_TRY(open_sockets(context));
  STASIS_TRY(fill_socket_queues(context));
  STASIS_TRY(fill_epolls(context));
  STASIS_TRY(set_all_status_flags(context));
  return std::move(context.files);
}

Result<void> FileRestorer::add_task_steps(const model::Process&, courier::SyscallBatch&) const {
  return {};
}

}  // namespace stasis::restore
