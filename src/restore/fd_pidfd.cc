#include <fmt/format.h>

#include "proc/fd_link.h"
#include "proc/status.h"
#include "proc/tasks.h"
#include "restore/fd_kinds.h"
#include "sys/child_process.h"

namespace stasis::restore {
namespace {

// The process that has number `pid` in the container's pid namespace.
Result<HostPid> find_process(const proc::ProcDir& init, NsPid pid) {
  STASIS_ASSIGN(const auto wanted, proc::read_namespace(init, "pid"));
  STASIS_ASSIGN(const auto all, proc::open_proc());
  STASIS_ASSIGN(const auto processes, proc::list_processes(all));
  for (const HostPid host : processes) {
    const auto dir = proc::ProcDir::open(host);
    if (!dir) continue;
    const auto status = proc::read_status(*dir);
    if (!status || status->ns_tgid.empty() || status->ns_tgid.back() != pid) continue;
    const auto own = proc::read_namespace(*dir, "pid");
    if (own && *own == wanted) return host;
  }
  return fail(ErrorKind::kNotFound, "no process {} in the container", pid.value);
}

}  // namespace

Result<UniqueFd> open_pidfd(const FileContext& context, const model::PidFdFile& detail) {
  STASIS_ASSIGN(const auto init, proc::ProcDir::open(context.environment.init));
  STASIS_ASSIGN(const auto host, find_process(init, detail.pid));
  return sys::pidfd_open(host);
}

}  // namespace stasis::restore
