// The descriptor table of a process: every open file description goes to the numbers it had.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/fd_channel.h"
#include "model/task.h"
#include "restore/live_task.h"

namespace stasis::restore {

// A number for the channel that no process of the image uses: the lowest from 3 on.
int choose_channel_number(std::span<const model::Process> processes);

// One move in a table, in order: what came in under `from` goes to `to`.
struct FdMove {
  int from = 0;
  int to = 0;
  bool close_on_exec = false;
  bool operator==(const FdMove&) const = default;
};
// Pure. `fds` sorted; `arrived[i]` is where the i-th landed, lowest free numbers in order, so that
// arrived[i] <= fds[i].fd: from the last to the first no move overwrites what is still to be moved.
std::vector<FdMove> plan_moves(const std::vector<model::FdEntry>& fds,
                               const std::vector<int>& arrived);

// Empties the table (but for the channel) and fills it. `open_files` by index of the image.
Result<void> restore_fd_table(LiveTask& leader, const courier::FdChannel& channel,
                              const model::Process& process, std::span<const UniqueFd> open_files);

}  // namespace stasis::restore
