#include "restore/end_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <array>
#include <csignal>

#include "sys/ptrace.h"

namespace stasis::restore {
namespace {

// A task that ended while it ran a batch is what was asked for here.
Result<void> expect_death(Result<void> ran) {
  if (!ran && ran.error().kind() == ErrorKind::kTaskDied) return {};
  if (!ran) return ran;
  return fail(ErrorKind::kKernel, "it did not end");
}

Result<void> die_of_signal(LiveTask& task, int signal) {
  courier::SyscallBatch batch;
  const std::array<std::uint64_t, 4> default_action{};
  batch.add(SYS_rt_sigaction, signal, batch.value(default_action), 0, sizeof(std::uint64_t));
  batch.must(SYS_prlimit64, 0, RLIMIT_CORE, batch.value(rlimit64{0, 0}), 0);
  batch.must(SYS_tgkill, task.identity().pid.value, task.identity().tid.value, signal);
  if (auto ran = task.courier().run(batch); !ran) return expect_death(std::move(ran));
  // Every signal is blocked for the courier: this one waits to be let in.
  STASIS_TRY(sys::ptrace::set_signal_mask(task.host(), 0));
  const HostPid host = task.host();
  auto event = task.task().resume_and_wait();
  while (event) {
    const auto* stop = std::get_if<sys::SignalStop>(&*event);
    const bool wanted = stop != nullptr && stop->signal == signal;
    STASIS_TRY(sys::ptrace::resume_with_signal(host, wanted ? signal : 0));
    event = task.task().wait_next();
  }
  return expect_death(std::move(event.error()));
}

}  // namespace

Result<void> dress_zombie(LiveTask& task, const model::Process& process) {
  if (process.threads.empty()) return {};
  const model::Thread& leader = process.threads.front();
  const model::Credentials& c = leader.credentials;
  courier::SyscallBatch batch;
  batch.must(SYS_prctl, PR_SET_NAME, batch.text(leader.comm), 0, 0, 0);
  batch.must(SYS_setresgid, c.rgid, c.egid, c.sgid);
  batch.must(SYS_setresuid, c.ruid, c.euid, c.suid);
  return task.courier().run(batch);
}

Result<void> end_process(LiveTask& task, int status) {
  if (WIFSIGNALED(status)) return die_of_signal(task, WTERMSIG(status));
  courier::SyscallBatch batch;
  batch.must(SYS_exit_group, WEXITSTATUS(status));
  return expect_death(task.courier().run(batch));
}

}  // namespace stasis::restore
