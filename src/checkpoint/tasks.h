// Collects processes and threads: everything of them that is neither memory nor open files.
// /proc and ptrace tell most; a batch of system calls in each stopped thread tells the rest.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "checkpoint/blocker.h"
#include "checkpoint/seized_container.h"
#include "courier/courier.h"
#include "model/container.h"

namespace stasis::checkpoint {

// The courier's pages in one process while it is collected; removed again by close(), or quietly by
// the destructor.
class CourierSession {
 public:
  // `process` is no zombie; it is stopped and outlives the session.
  static Result<CourierSession> open(SeizedProcess& process);
  CourierSession(CourierSession&& other) noexcept;
  CourierSession& operator=(CourierSession&&) = delete;
  ~CourierSession();

  // Of the leader. Other threads: enter().
  courier::Courier& leader() { return *leader_; }
  Result<courier::Courier> enter(SeizedThread& thread) const;
  const courier::CourierPages& pages() const { return pages_; }
  Result<void> close() &&;

 private:
  CourierSession(SeizedProcess& process, RemoteAddr syscall_instruction)
      : process_(&process), syscall_instruction_(syscall_instruction) {}

  SeizedProcess* process_;
  RemoteAddr syscall_instruction_;
  courier::CourierPages pages_;
  std::optional<courier::Courier> leader_;
};

// Fills in `into` but for memory, fds, cwd and root. Adds seccomp filters to `container`.
// `find_pid` of SeizedContainer translates the numbers.
Result<void> collect_tasks(const SeizedContainer& all, SeizedProcess& process,
                           CourierSession& session, model::Container& container,
                           model::Process& into, std::vector<Blocker>& blockers);
Result<void> collect_zombie(const SeizedContainer& all, const SeizedProcess& process,
                            model::Process& into);

}  // namespace stasis::checkpoint
