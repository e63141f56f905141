#include "courier/courier.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/check.h"
#include "courier/syscall_names.h"

namespace stasis::courier {
namespace {

using trace::Registers;

constexpr std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

// A signal whose default action is to be ignored, and that is not pending: ordinary signals do not
// queue twice, so that ours would be lost behind a pending one.
int choose_trap_signal(std::uint64_t pending) {
  for (const int candidate : {SIGURG, SIGWINCH, SIGCONT, SIGCHLD, SIGTRAP, SIGUSR1, SIGUSR2}) {
    if ((pending & bit(candidate)) == 0) return candidate;
  }
  return SIGRTMAX;  // real-time signals queue: any number of them may be pending
}

std::array<std::uint64_t, 6> resolve(const std::vector<Argument>& arguments) {
  std::array<std::uint64_t, 6> resolved{};
  for (std::size_t i = 0; i < arguments.size() && i < resolved.size(); ++i) {
    resolved[i] = arguments[i].resolve(RemoteAddr{});
  }
  return resolved;
}

bool failed(std::int64_t result) { return result < 0 && result >= -4095; }

// siginfo_t as an array of int: si_signo, si_errno, si_code, padding, si_pid.
std::int32_t info_field(const sys::ptrace::RawSigInfo& info, std::size_t index) {
  std::int32_t field = 0;
  std::memcpy(&field, info.data() + index * sizeof(field), sizeof(field));
  return field;
}

}  // namespace

Result<Courier> Courier::enter(trace::SeizedTask& task, const trace::RemoteMemory& memory,
                               const TaskIdentity& identity) {
  Courier courier(task, memory, identity);
  STASIS_ASSIGN(courier.saved_, Registers::read(task.tid()));
  STASIS_ASSIGN(courier.saved_mask_, sys::ptrace::get_signal_mask(task.tid()));
  courier.trap_signal_ = choose_trap_signal(identity.pending_signals);
  STASIS_TRY(sys::ptrace::set_signal_mask(task.tid(), ~bit(courier.trap_signal_)));
  return courier;
}

Courier::Courier(Courier&& other) noexcept
    : task_(std::exchange(other.task_, nullptr)),
      memory_(other.memory_),
      identity_(other.identity_),
      pages_(other.pages_),
      saved_(other.saved_),
      saved_mask_(other.saved_mask_),
      trap_signal_(other.trap_signal_),
      swallowed_(std::move(other.swallowed_)) {}

Courier::~Courier() {
  if (task_ != nullptr && task_->tid().value != 0) static_cast<void>(put_back());
}

Result<std::int64_t> Courier::call(long number, const std::vector<Argument>& arguments) {
  Registers registers = saved_;
  registers.prepare_syscall(identity_.syscall_instruction, number, resolve(arguments));
  STASIS_TRY(registers.write(task_->tid()));
  for (int syscall_stops = 0; syscall_stops < 2;) {  // at the entry, at the exit
    STASIS_ASSIGN(const sys::WaitEvent event, task_->resume_to_syscall_and_wait());
    if (std::holds_alternative<sys::SyscallStop>(event)) {
      ++syscall_stops;
    } else if (std::holds_alternative<sys::SignalStop>(event)) {
      STASIS_ASSIGN(const auto info, sys::ptrace::get_signal_info(task_->tid()));
      swallowed_.push_back(info);
    }
  }
  STASIS_ASSIGN(const Registers after, Registers::read(task_->tid()));
  return after.result();
}

Result<std::int64_t> Courier::must_call(long number, const std::vector<Argument>& arguments) {
  STASIS_ASSIGN(const std::int64_t result, call(number, arguments));
  if (failed(result)) return Error::from_errno(syscall_name(number), static_cast<int>(-result));
  return result;
}

Result<CourierPages> Courier::map_pages(std::optional<RemoteAddr> at) {
  const int fixed = at ? MAP_FIXED_NOREPLACE : 0;
  const RemoteAddr hint = at.value_or(RemoteAddr{});
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  STASIS_ASSIGN(
      const std::int64_t base,
      must_call(SYS_mmap, {hint, kPagesBytes, PROT_READ | PROT_WRITE, kFlags | fixed, -1, 0}));
  const CourierPages pages{RemoteAddr{static_cast<std::uint64_t>(base)}};
  // The stub is written through /proc/PID/mem: the code page is never writable and executable.
  STASIS_TRY(memory_->write(pages.code(), stub_code()));
  STASIS_TRY(must_call(SYS_mprotect, {pages.code(), kCodeBytes, PROT_READ | PROT_EXEC}));
  pages_ = pages;
  return pages;
}

Result<void> Courier::unmap_pages(const CourierPages& pages) {
  STASIS_TRY(requeue_signals());  // a batch: needs the pages
  STASIS_TRY(must_call(SYS_munmap, {pages.base, kPagesBytes}));
  pages_.reset();
  return {};
}

Result<void> Courier::run(SyscallBatch& batch) { return run_entries(batch, nullptr); }

Result<trace::SeizedTask> Courier::run_clone(SyscallBatch& batch) {
  std::optional<HostPid> new_task;
  STASIS_TRY(run_entries(batch, &new_task));
  if (!new_task) return fail(ErrorKind::kKernel, "clone made no task that the tracer was told of");
  auto child = trace::SeizedTask::adopt(*new_task);
  STASIS_TRY(child.wait_stopped());
  return child;
}

Result<void> Courier::run_entries(SyscallBatch& batch, std::optional<HostPid>* new_task) {
  STASIS_CHECK(pages_.has_value(), "a courier runs batches only after its pages are mapped");
  const RemoteAddr data_at = pages_->data();
  std::vector<std::byte> data = batch.encode_data(data_at);
  std::vector<StubEntry> entries = batch.encode_calls(data_at);
  if (data.size() > kDataBytes / 2) {
    return fail(ErrorKind::kUnsupported, "a batch of {} bytes does not fit the courier's pages",
                data.size());
  }
  const RemoteAddr entries_at = data_at + (data.size() + 63) / 64 * 64;
  const std::size_t at_once = (data_at.value + kDataBytes - entries_at.value) / sizeof(StubEntry);
  if (!data.empty()) STASIS_TRY(memory_->write(data_at, data));
  for (std::size_t first = 0; first < entries.size(); first += at_once) {
    const auto part = std::span(entries).subspan(first, std::min(at_once, entries.size() - first));
    STASIS_TRY(memory_->write(entries_at, std::as_bytes(part)));
    STASIS_TRY(run_stub(entries_at, entries_at + part.size_bytes(), new_task));
    STASIS_TRY(memory_->read(entries_at, std::as_writable_bytes(part)));
    batch.take_results(first, part);
    const auto bad = std::ranges::find_if(part, [](const StubEntry& entry) {
      return (entry.flags & kMustSucceed) != 0 && failed(entry.result);
    });
    if (bad != part.end()) {
      return batch.failure(first + static_cast<std::size_t>(bad - part.begin()));
    }
  }
  if (!data.empty()) {
    STASIS_TRY(memory_->read(data_at, data));
    batch.take_data(data);
  }
  return {};
}

Result<bool> Courier::reached_trap(int signal) {
  STASIS_ASSIGN(const auto info, sys::ptrace::get_signal_info(task_->tid()));
  const bool ours = signal == trap_signal_ && info_field(info, 2) == SI_TKILL &&
                    info_field(info, 4) == identity_.pid.value;
  if (!ours) swallowed_.push_back(info);
  return ours;
}

Result<void> Courier::run_stub(RemoteAddr first, RemoteAddr end, std::optional<HostPid>* new_task) {
  Registers registers = saved_;
  registers.prepare_stub(pages_->code(), first, end,
                         trace::StubTrap{identity_.pid, identity_.tid, trap_signal_});
  STASIS_TRY(registers.write(task_->tid()));
  while (true) {
    STASIS_ASSIGN(const sys::WaitEvent event, task_->resume_and_wait());
    if (const auto* stop = std::get_if<sys::SignalStop>(&event)) {
      STASIS_ASSIGN(const bool done, reached_trap(stop->signal));
      if (done) return {};
      if (stop->signal == SIGSEGV || stop->signal == SIGILL || stop->signal == SIGBUS) {
        return fail(ErrorKind::kKernel, "the courier's stub in task {} hit signal {}",
                    task_->tid().value, stop->signal);
      }
    } else if (std::holds_alternative<sys::EventStop>(event)) {
      STASIS_ASSIGN(const std::uint64_t message, sys::ptrace::event_message(task_->tid()));
      if (new_task != nullptr) *new_task = HostPid{static_cast<pid_t>(message)};
    }
  }
}

// rt_tgsigqueueinfo by the task to itself keeps the siginfo, which no other sender may forge.
Result<void> Courier::requeue_signals() {
  if (swallowed_.empty() || !pages_) return {};
  SyscallBatch batch;
  for (const auto& info : swallowed_) {
    batch.add(SYS_rt_tgsigqueueinfo, identity_.pid.value, identity_.tid.value, info_field(info, 0),
              batch.value(info));
  }
  swallowed_.clear();
  return run(batch);
}

Result<void> Courier::put_back() {
  STASIS_TRY(requeue_signals());
  STASIS_TRY(task_->settle());
  STASIS_TRY(saved_.write(task_->tid()));
  return sys::ptrace::set_signal_mask(task_->tid(), saved_mask_);
}

Result<void> Courier::leave() && {
  const auto result = put_back();
  task_ = nullptr;
  return result;
}

}  // namespace stasis::courier
