#include "restore/files.h"

#include <fcntl.h>

#include <variant>

#include "proc/proc_dir.h"
#include "restore/fd_kinds.h"
#include "restore/locks.h"
#include "restore/tcp_connection.h"
#include "restore/ttys.h"
#include "sys/descriptor_limit.h"

namespace stasis::restore {
namespace {

// Beside the files themselves: those of the controller, spare ends of pipes and sockets.
constexpr std::uint64_t kSpareDescriptors = 512;

// Every file is there once, and for a moment once more above all numbers that epolls use.
std::uint64_t count_descriptors(const model::Container& container) {
  const std::uint64_t files = container.open_files.size() + container.sockets.size();
  return 2 * files + static_cast<std::uint64_t>(first_safe_fd(container)) + kSpareDescriptors;
}

}  // namespace

Result<void> FileRestorer::open_all() {
  STASIS_TRY(sys::allow_descriptors(count_descriptors(container_)));
  FileContext context(container_, environment_);
  STASIS_ASSIGN(const auto init, proc::ProcDir::open(environment_.init));
  STASIS_ASSIGN(context.network, init.open_file("ns/net", O_RDONLY));
  STASIS_TRY(open_independent_files(context));
  STASIS_TRY(open_pipes(context));
  STASIS_TRY(open_ttys(context));
  STASIS_TRY(open_sockets(context));
  STASIS_TRY(open_inotifies(context));
  STASIS_TRY(fill_socket_queues(context));
  STASIS_TRY(fill_epolls(context));
  STASIS_TRY(set_all_status_flags(context));
  STASIS_TRY(take_description_locks(context));
  STASIS_ASSIGN(signal_watches_, plan_signal_watches(container_));
  owned_files_ = plan_file_owners(container_);
  files_ = std::move(context.files);
  return {};
}

Result<void> FileRestorer::add_task_steps(const model::Process& process,
                                          courier::SyscallBatch& batch) const {
  add_signal_watches(signal_watches_, process.pid, batch);
  add_file_owners(owned_files_, process.pid, batch);
  add_process_locks(container_, process, batch);
  return add_controlling_tty(container_, process, batch);
}

Result<void> FileRestorer::resume_connections() const {
  for (std::uint32_t index = 0; index < files_.size(); ++index) {
    const auto* file = std::get_if<model::SocketFile>(&container_.open_files[index].detail);
    if (file == nullptr) continue;
    const auto& socket = container_.sockets[file->socket];
    const auto* inet = std::get_if<model::InetSocket>(&socket.detail);
    if (inet == nullptr || !inet->connection) continue;
    STASIS_TRY(resume_tcp_connection(files_[index].get(), socket, *inet->connection)
                   .context("letting a TCP connection go on"));
  }
  return {};
}

}  // namespace stasis::restore
