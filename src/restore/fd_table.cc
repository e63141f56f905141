#include "restore/fd_table.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <set>

namespace stasis::restore {

int choose_channel_number(std::span<const model::Process> processes) {
  std::set<int> used;
  for (const auto& process : processes) {
    for (const auto& entry : process.fds) used.insert(entry.fd);
  }
  int number = 3;
  while (used.contains(number)) ++number;
  return number;
}

std::vector<FdMove> plan_moves(const std::vector<model::FdEntry>& fds,
                               const std::vector<int>& arrived) {
  std::vector<FdMove> moves;
  for (std::size_t i = fds.size(); i-- > 0;) {
    moves.push_back({arrived[i], fds[i].fd, fds[i].close_on_exec});
  }
  return moves;
}

Result<void> restore_fd_table(LiveTask& leader, const courier::FdChannel& channel,
                              const model::Process& process, std::span<const UniqueFd> open_files) {
  STASIS_TRY(channel.close_others(leader.courier()));
  std::vector<int> to_send;
  for (const auto& entry : process.fds) to_send.push_back(open_files[entry.open_file].get());
  STASIS_ASSIGN(const auto arrived, channel.send(leader.courier(), to_send));
  courier::SyscallBatch batch;
  for (const FdMove& move : plan_moves(process.fds, arrived)) {
    if (move.from != move.to) {
      batch.describe(fmt::format("placing fd {}", move.to));
      batch.must(SYS_dup3, move.from, move.to, move.close_on_exec ? O_CLOEXEC : 0);
      batch.must(SYS_close, move.from);
    } else if (move.close_on_exec) {
      batch.must(SYS_fcntl, move.to, F_SETFD, FD_CLOEXEC);
    }
  }
  return leader.courier().run(batch);
}

}  // namespace stasis::restore
