// /proc/PID/status and /proc/PID/task/TID/status (proc_pid_status(5), fs/proc/array.c): identity,
// credentials and signals of one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::proc {

// The letters of status and stat.
enum class TaskState : char {
  kRunning = 'R',
  kSleeping = 'S',
  kDiskSleep = 'D',
  kStopped = 'T',
  kTraced = 't',
  kDead = 'X',
  kZombie = 'Z',
  kParked = 'P',
  kIdle = 'I',
};

// `text` is the single letter.
std::optional<TaskState> find_task_state(std::string_view text);

struct IdSet {
  std::uint32_t real = 0, effective = 0, saved = 0, filesystem = 0;
  bool operator==(const IdSet&) const = default;
};

// Pids are those of the pid namespace of the /proc mount. Ids are those of the user namespace of
// whoever opened the file.
struct TaskStatus {
  std::string name;  // comm, decoded; any bytes
  TaskState state = TaskState::kRunning;
  HostPid tgid, pid, ppid, tracer_pid;  // ppid 0: parent outside of this /proc; tracer_pid 0: none
  IdSet uid, gid;
  std::vector<std::uint32_t> groups;
  // The same ids in each pid namespace from that of the /proc mount (front) to the task's own
  // (back); empty without CONFIG_PID_NS. 0: the group or session is not visible in that namespace.
  std::vector<NsPid> ns_tgid, ns_pid, ns_pgid, ns_sid;
  std::uint32_t threads = 0;
  std::uint64_t signals_pending = 0;         // SigPnd: of the thread; bit 0 is signal 1
  std::uint64_t shared_signals_pending = 0;  // ShdPnd: of the process
  std::uint64_t signals_blocked = 0;
  std::uint64_t signals_ignored = 0;
  std::uint64_t signals_caught = 0;
  std::uint64_t cap_inheritable = 0, cap_permitted = 0, cap_effective = 0;
  std::uint64_t cap_bounding = 0, cap_ambient = 0;
  bool no_new_privs = false;
  std::uint32_t seccomp = 0;                     // 0 none, 1 strict, 2 filter
  std::optional<std::uint32_t> seccomp_filters;  // since Linux 5.9
  std::optional<std::uint32_t> umask;            // not for a zombie
  std::optional<bool> core_dumping;              // tasks with memory only
  std::optional<bool> thp_enabled;               // tasks with memory only; since Linux 5.0
  bool operator==(const TaskStatus&) const = default;
};

Result<TaskStatus> parse_status(std::string_view text);
Result<TaskStatus> read_status(const ProcDir& dir);

}  // namespace stasis::proc
