// Processes and threads: everything of them that is neither memory nor files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/data.h"
#include "model/memory.h"

namespace stasis::model {

// General registers in the order of struct user_regs_struct (x86-64, sys/user.h):
// r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss
// fs_base gs_base ds es fs gs.
using GeneralRegisters = std::array<std::uint64_t, 27>;

struct SignalInfo {
  std::array<std::uint8_t, 128> raw{};  // siginfo_t as the kernel has it
  bool operator==(const SignalInfo&) const = default;
};

struct SignalAction {  // struct kernel_sigaction; default-initialised: SIG_DFL
  std::uint64_t handler = 0;
  std::uint64_t flags = 0;
  std::uint64_t restorer = 0;
  std::uint64_t mask = 0;
  bool operator==(const SignalAction&) const = default;
};

struct AlternateStack {  // stack_t
  std::uint64_t sp = 0;
  std::int32_t flags = 2;  // SS_DISABLE
  std::uint64_t size = 0;
  bool operator==(const AlternateStack&) const = default;
};

struct RobustList {
  std::uint64_t head = 0;
  std::uint64_t length = 0;
  bool operator==(const RobustList&) const = default;
};

struct Rseq {  // PTRACE_GET_RSEQ_CONFIGURATION
  std::uint64_t address = 0;
  std::uint32_t size = 0;
  std::uint32_t signature = 0;
  std::uint32_t flags = 0;
  bool operator==(const Rseq&) const = default;
};

struct Credentials {
  std::uint32_t ruid = 0, euid = 0, suid = 0, fsuid = 0;
  std::uint32_t rgid = 0, egid = 0, sgid = 0, fsgid = 0;
  std::vector<std::uint32_t> groups;
  std::uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  std::uint64_t cap_bounding = 0, cap_ambient = 0;
  std::uint32_t securebits = 0;
  bool no_new_privs = false;
  bool operator==(const Credentials&) const = default;
};

struct Scheduling {
  std::uint32_t policy = 0;        // SCHED_OTHER, ...
  std::uint64_t flags = 0;         // SCHED_FLAG_RESET_ON_FORK ...
  std::int32_t nice = 0;
  std::uint32_t rt_priority = 0;
  std::uint64_t runtime_ns = 0, deadline_ns = 0, period_ns = 0;  // SCHED_DEADLINE
  std::vector<std::uint64_t> affinity;  // CPU mask, 64 CPUs a word; empty: all of the cpuset
  std::uint64_t timer_slack_ns = 0;     // 0: unknown, leave the default
  std::uint32_t io_priority = 0;        // ioprio_get
  bool operator==(const Scheduling&) const = default;
};

enum class SeccompMode : std::uint8_t { kNone = 0, kStrict = 1, kFilter = 2 };

struct SeccompFilter {
  Bytes program;             // struct sock_filter[], from PTRACE_SECCOMP_GET_FILTER
  std::uint64_t flags = 0;   // SECCOMP_FILTER_FLAG_LOG ...
  bool operator==(const SeccompFilter&) const = default;
};

struct Seccomp {
  SeccompMode mode = SeccompMode::kNone;
  // Indexes into Container::seccomp_filters, in the order of installation.
  std::vector<std::uint32_t> filters;
  bool operator==(const Seccomp&) const = default;
};

struct Thread {
  NsPid tid;
  std::string comm;
  GeneralRegisters registers{};   // as restore shall set them: interrupted calls are resolved already
  Bytes xstate;                   // NT_X86_XSTATE
  std::uint64_t signal_mask = 0;
  std::vector<SignalInfo> pending;  // of the thread
  AlternateStack alternate_stack;
  RobustList robust_list;
  std::uint64_t clear_child_tid = 0;
  std::optional<Rseq> rseq;
  Credentials credentials;
  Scheduling scheduling;
  Seccomp seccomp;
  std::uint32_t parent_death_signal = 0;
  std::uint32_t personality = 0;
  bool operator==(const Thread&) const = default;
};

struct IntervalTimer {  // getitimer(2); remaining time
  std::uint64_t interval_us = 0;
  std::uint64_t value_us = 0;
  bool operator==(const IntervalTimer&) const = default;
};

struct PosixTimer {  // /proc/PID/timers and timer_gettime(2)
  std::uint32_t id = 0;
  std::int32_t clock = 0;
  std::int32_t notify = 0;          // SIGEV_ value; SIGEV_THREAD_ID: see notify_tid
  std::int32_t signal = 0;
  std::uint64_t signal_value = 0;   // sigev_value
  NsPid notify_tid;
  std::int32_t overrun = 0;
  std::uint64_t interval_ns = 0;
  std::uint64_t value_ns = 0;       // remaining; 0: disarmed
  bool operator==(const PosixTimer&) const = default;
};

struct Rlimit {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
  bool operator==(const Rlimit&) const = default;
};

// One entry of a file descriptor table.
struct FdEntry {
  std::int32_t fd = 0;
  std::uint32_t open_file = 0;   // index into Container::open_files
  bool close_on_exec = false;
  bool operator==(const FdEntry&) const = default;
};

struct ControllingTerminal {
  std::uint32_t tty = 0;         // index into Container::ttys
  NsPid foreground_group;
  bool operator==(const ControllingTerminal&) const = default;
};

struct Process {
  NsPid pid, ppid, pgid, sid;
  // Set for a zombie: the wait(2) status; then nothing below but `threads[0].comm` and credentials.
  std::optional<std::int32_t> exit_status;
  std::optional<std::int32_t> stop_signal;  // stopped by job control (SIGSTOP, SIGTSTP ...)
  std::int32_t exit_signal = 17;       // sent to the parent at exit; SIGCHLD
  std::vector<Thread> threads;         // [0] is the thread group leader
  AddressSpace memory;
  std::vector<FdEntry> fds;            // sorted by fd
  std::array<SignalAction, 64> signal_actions{};  // [0] is signal 1
  std::vector<SignalInfo> pending;     // of the whole process
  std::array<IntervalTimer, 3> interval_timers{};  // real, virtual, prof
  std::vector<PosixTimer> posix_timers;
  std::vector<Rlimit> rlimits;         // indexed by RLIMIT_
  std::uint32_t umask = 18;            // 0022
  std::string cwd = "/";               // in the container's mount namespace
  std::string root = "/";              // other than "/" after chroot
  std::int32_t oom_score_adj = 0;
  bool child_subreaper = false;
  std::optional<ControllingTerminal> terminal;  // on session leaders only
  std::string cgroup;                  // path below the container's cgroup, "" for the top
  bool operator==(const Process&) const = default;
};

}  // namespace stasis::model
