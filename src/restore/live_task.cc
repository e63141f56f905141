#include "restore/live_task.h"

#include <csignal>

#include "courier/clone.h"
#include "sys/signals.h"

namespace stasis::restore {

Result<std::unique_ptr<LiveTask>> LiveTask::take(trace::SeizedTask task,
                                                 const courier::TaskIdentity& identity,
                                                 std::optional<courier::CourierPages> pages) {
  STASIS_ASSIGN(auto memory, trace::RemoteMemory::open(task.tid()));
  std::unique_ptr<LiveTask> live(new LiveTask(std::move(task), std::move(memory), identity));
  STASIS_ASSIGN(auto courier, courier::Courier::enter(live->task_, live->memory_, identity));
  live->courier_.emplace(std::move(courier));
  live->pages_ = pages;
  if (pages) live->courier_->use_pages(*pages);
  return live;
}

LiveTask::~LiveTask() {
  if (host().value != 0) static_cast<void>(sys::kill(host(), SIGKILL));
}

Result<std::unique_ptr<LiveTask>> LiveTask::fork(NsPid pid, int exit_signal) {
  return make_process(pid, courier::clone_process_batch(pid, exit_signal));
}

Result<std::unique_ptr<LiveTask>> LiveTask::fork_sibling(NsPid pid) {
  return make_process(pid, courier::clone_sibling_batch(pid));
}

Result<std::unique_ptr<LiveTask>> LiveTask::make_process(NsPid pid, courier::SyscallBatch batch) {
  STASIS_ASSIGN(auto child, courier_->run_clone(batch));
  courier::TaskIdentity identity = identity_;
  identity.pid = pid;
  identity.tid = pid;
  return take(std::move(child), identity, pages_);
}

Result<std::unique_ptr<LiveTask>> LiveTask::spawn_thread(NsPid tid) {
  auto batch = courier::clone_thread_batch(tid);
  STASIS_ASSIGN(auto child, courier_->run_clone(batch));
  courier::TaskIdentity identity = identity_;
  identity.tid = tid;
  return take(std::move(child), identity, pages_);
}

void LiveTask::set_syscall_instruction(RemoteAddr address) {
  identity_.syscall_instruction = address;
  courier_->set_syscall_instruction(address);
}

Result<void> LiveTask::finish() {
  auto left = std::move(*courier_).leave();
  courier_.reset();
  return left;
}

}  // namespace stasis::restore
