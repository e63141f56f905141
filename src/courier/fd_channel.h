// Puts descriptors of the controller into tasks: a unix socket that every task of a tree inherits
// under the same number, with its other end in the controller (unix(7), SCM_RIGHTS).
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "courier/courier.h"

namespace stasis::courier {

class FdChannel {
 public:
  // Closes *all* descriptors of the task behind `courier` and makes the channel in it, under
  // `number`. `pidfd` is the task's.
  static Result<FdChannel> open(Courier& courier, int pidfd, int number);

  // For a further task that is no descendant of the first: a duplicate of the task's end, to be
  // inherited from this process. `pidfd` is of a task that has the channel.
  Result<UniqueFd> duplicate_task_end(int pidfd) const;
  // In a task that has inherited it under `inherited`: the channel, and nothing else, stays open.
  Result<void> adopt_in(Courier& courier, int inherited) const;

  int number() const { return number_; }

  // The numbers that the task gets for `count` descriptors while it has none but the channel: the
  // lowest, in order.
  std::vector<int> numbers(std::size_t count) const;
  // Sends `fds`; in the task they become numbers(fds.size()). The task has none but the channel.
  Result<std::vector<int>> send(Courier& courier, std::span<const int> fds) const;
  // Closes everything in the task but the channel.
  Result<void> close_others(Courier& courier) const;
  // Closes the channel in the task.
  Result<void> close_in(Courier& courier) const;

 private:
  FdChannel(UniqueFd end, int number) : end_(std::move(end)), number_(number) {}
  UniqueFd end_;
  int number_ = -1;
};

}  // namespace stasis::courier
