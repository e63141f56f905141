#include "integration/support/workload_table.h"

#include <ostream>

#include "integration/support/bundle.h"

namespace stasis::test {

void PrintTo(const WorkloadCase& one, std::ostream* out) { *out << one.name; }

const std::vector<WorkloadCase>& all_workloads() {
  static const std::vector<WorkloadCase> kCases = {
      {.name = "memory_pattern"},
      {.name = "memory_kinds"},
      {.name = "memory_flags"},
      {.name = "large_memory_flags"},
      {.name = "sparse_memory"},
      {.name = "written_code"},
      {.name = "process_memory"},
      {.name = "copy_on_write"},
      {.name = "consistency"},
      {.name = "large_consistency"},
      {.name = "registers"},
      {.name = "protection_keys"},
      {.name = "rseq"},
      {.name = "threads"},
      {.name = "robust_mutex"},
      {.name = "blocked_calls"},
      {.name = "sleeping"},
      {.name = "process_tree"},
      {.name = "many_processes"},
      {.name = "stopped_process"},
      {.name = "signal_actions"},
      {.name = "signals_pending"},
      {.name = "interval_timers"},
      {.name = "posix_timers"},
      {.name = "timerfds"},
      {.name = "clocks"},
      {.name = "credentials", .needs = Needs::kAllCapabilities},
      {.name = "scheduling"},
      {.name = "attributes"},
      {.name = "rlimits"},
      {.name = "seccomp"},
      {.name = "chroot", .needs = Needs::kAllCapabilities},
      {.name = "regular_files"},
      {.name = "directories"},
      {.name = "devices"},
      {.name = "proc_files"},
      {.name = "tmpfs_contents", .needs = Needs::kAllCapabilities},
      {.name = "tmpfs_in_use"},
      {.name = "file_locks", .checkpoint_flags = {"--file-locks"}},
      {.name = "pipes"},
      {.name = "fifos"},
      {.name = "unix_stream"},
      {.name = "unix_listening"},
      {.name = "unix_datagram"},
      {.name = "unix_credentials", .needs = Needs::kAllCapabilities},
      {.name = "fd_passing"},
      {.name = "tcp_listening"},
      {.name = "tcp_connections", .checkpoint_flags = {"--tcp-established"}},
      {.name = "udp"},
      {.name = "eventfds"},
      {.name = "epoll"},
      {.name = "signalfd"},
      {.name = "inotify"},
      {.name = "memfds"},
      {.name = "terminals"},
      {.name = "sysv_shm"},
      {.name = "sysv_sem"},
      {.name = "sysv_msg"},
  };
  return kCases;
}

void prepare_workload(Bundle& bundle, const WorkloadCase& one) {
  bundle.add_file(Runtime::built("workload"), "/bin/workload");
  bundle.set_arguments({"/bin/workload", one.name});
  if (one.needs == Needs::kAllCapabilities) bundle.allow_all_capabilities();
}

}  // namespace stasis::test
