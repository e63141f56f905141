#include <utility>

#include "checkpoint/tasks.h"
#include "trace/vdso.h"
#include "trace/vdso_mapping.h"

namespace stasis::checkpoint {
namespace {

Result<courier::Courier> enter_thread(SeizedProcess& process, SeizedThread& thread,
                                      RemoteAddr syscall_instruction) {
  STASIS_ASSIGN(const proc::TaskStatus status, proc::read_status(thread.dir));
  const NsPid tid = status.ns_pid.empty() ? NsPid{status.pid.value} : status.ns_pid.back();
  const courier::TaskIdentity identity{
      .pid = process.pid,
      .tid = tid,
      .syscall_instruction = syscall_instruction,
      .pending_signals = status.signals_pending | status.shared_signals_pending};
  return courier::Courier::enter(thread.task, *process.memory, identity);
}

}  // namespace

Result<CourierSession> CourierSession::open(SeizedProcess& process) {
  STASIS_ASSIGN(const trace::VdsoMapping vdso, trace::find_vdso(process.dir));
  STASIS_ASSIGN(const RemoteAddr instruction,
                trace::find_syscall_instruction(*process.memory, vdso.start, vdso.end));
  CourierSession session(process, instruction);
  STASIS_ASSIGN(courier::Courier leader,
                enter_thread(process, process.threads.front(), instruction));
  session.leader_.emplace(std::move(leader));
  STASIS_ASSIGN(session.pages_, session.leader_->map_pages());
  return session;
}

CourierSession::CourierSession(CourierSession&& other) noexcept
    : process_(other.process_),
      syscall_instruction_(other.syscall_instruction_),
      pages_(other.pages_),
      leader_(std::move(other.leader_)) {
  other.leader_.reset();
}

CourierSession::~CourierSession() {
  if (leader_ && pages_.base.value != 0) static_cast<void>(leader_->unmap_pages(pages_));
}

Result<courier::Courier> CourierSession::enter(SeizedThread& thread) const {
  STASIS_ASSIGN(courier::Courier courier, enter_thread(*process_, thread, syscall_instruction_));
  courier.use_pages(pages_);
  return courier;
}

Result<void> CourierSession::close() && {
  const auto pages = std::exchange(pages_, {});
  STASIS_TRY(leader_->unmap_pages(pages));
  const auto left = std::move(*leader_).leave();
  leader_.reset();
  return left;
}

}  // namespace stasis::checkpoint
