// Runs system calls inside a stopped task: all logic stays in the controller (DESIGN section 3).
//
// CourierPages are mapped once in an address space; any of its threads, one after the other, works
// as a Courier on them. A Courier saves registers and signal mask of its task and puts them back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "courier/batch.h"
#include "sys/ptrace.h"
#include "trace/registers.h"
#include "trace/remote_memory.h"
#include "trace/seized_task.h"

namespace stasis::courier {

inline constexpr std::uint64_t kCodeBytes = 4096;
inline constexpr std::uint64_t kDataBytes = std::uint64_t{2} << 20;  // touched only as far as used
inline constexpr std::uint64_t kPagesBytes = kCodeBytes + kDataBytes;

// Where the courier's pages lie in an address space: code, then data. A fork inherits them.
struct CourierPages {
  RemoteAddr base;
  RemoteAddr code() const { return base; }
  RemoteAddr data() const { return base + kCodeBytes; }
};

// What must be known of a task for the courier to work in it.
struct TaskIdentity {
  NsPid pid;  // of its own pid namespace
  NsPid tid;
  RemoteAddr syscall_instruction;  // an executable `syscall` that stays: in the vDSO
  // Signals pending for it (thread and process), bit n-1 for signal n: the trap takes another one.
  std::uint64_t pending_signals = 0;
};

class Courier {
 public:
  // `task` is stopped; it and `memory` (of its process) outlive the courier.
  static Result<Courier> enter(trace::SeizedTask& task, const trace::RemoteMemory& memory,
                               const TaskIdentity& identity);
  Courier(Courier&& other) noexcept;
  Courier& operator=(Courier&&) = delete;
  ~Courier();  // leaves, if leave() was not called; quiet

  // One system call at the task's own `syscall` instruction; a negated errno on failure. About 25
  // us.
  Result<std::int64_t> call(long number, const std::vector<Argument>& arguments);
  // As call(); a failure is an Error.
  Result<std::int64_t> must_call(long number, const std::vector<Argument>& arguments);

  // Maps the courier's pages where the kernel likes, or exactly at `at`.
  Result<CourierPages> map_pages(std::optional<RemoteAddr> at = {});
  Result<void> unmap_pages(const CourierPages& pages);
  // Uses pages that are there already (another thread's, or inherited by fork).
  void use_pages(const CourierPages& pages) { pages_ = pages; }
  // After the vDSO was moved.
  void set_syscall_instruction(RemoteAddr address) { identity_.syscall_instruction = address; }

  // Runs the batch; results and outputs are in it afterwards. The first failed `must` call ends it
  // and is the Error. kTaskDied when the task dies in it.
  Result<void> run(SyscallBatch& batch);
  // Runs a batch whose one call creates a process or thread (clone, clone3). The task must be
  // traced with kTraceForks. Returns the new task, attached and stopped.
  Result<trace::SeizedTask> run_clone(SyscallBatch& batch);

  // The registers and signal mask found at enter().
  const trace::Registers& registers() const { return saved_; }
  std::uint64_t signal_mask() const { return saved_mask_; }
  // From here on leave() sets these instead of what was found.
  void set_registers(const trace::Registers& registers) { saved_ = registers; }
  void set_signal_mask(std::uint64_t mask) { saved_mask_ = mask; }

  // Puts registers and mask back, queues again what signals arrived meanwhile, and moves the task
  // into an interrupt stop, where detaching restarts an interrupted system call.
  Result<void> leave() &&;

 private:
  Courier(trace::SeizedTask& task, const trace::RemoteMemory& memory, TaskIdentity identity)
      : task_(&task), memory_(&memory), identity_(identity) {}

  Result<void> run_entries(SyscallBatch& batch, std::optional<HostPid>* new_task);
  Result<void> run_stub(RemoteAddr first, RemoteAddr end, std::optional<HostPid>* new_task);
  Result<bool> reached_trap(int signal);
  Result<void> requeue_signals();
  Result<void> put_back();

  trace::SeizedTask* task_;
  const trace::RemoteMemory* memory_;
  TaskIdentity identity_;
  std::optional<CourierPages> pages_;
  trace::Registers saved_;
  std::uint64_t saved_mask_ = 0;
  int trap_signal_ = 0;
  std::vector<sys::ptrace::RawSigInfo> swallowed_;
};

}  // namespace stasis::courier
