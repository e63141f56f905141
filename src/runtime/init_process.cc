#include "runtime/init_process.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "runtime/seccomp_listener.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

class Init {
 public:
  explicit Init(const InitContext& context) : context_(context) {}

  [[noreturn]] void run() {
    const auto result = steps();
    if (!result) report(result.error());
    ::_exit(1);
  }

 private:
  // Only returns on failure, or when the engine lets go of a restored process without killing it.
  Result<void> steps() {
    // Until execve this is a copy of the runtime: nobody inside may look into it. In a new user
    // namespace there is nobody yet, and /proc/PID/uid_map of a process that is not dumpable
    // belongs to root: a runtime without root's rights could not write it.
    const bool is_alone = context_.environment.new_user_namespace;
    if (!is_alone) STASIS_TRY(sys::set_dumpable(0));
    STASIS_TRY(context_.entrance->enter_v1());
    STASIS_ASSIGN(const Received go, context_.channel->expect(Message::kGo));
    if (is_alone) STASIS_TRY(sys::set_dumpable(0));
    // What the runtime was bound to is not the container's: its cpuset decides.
    STASIS_TRY(sys::reset_cpu_affinity());
    if (context_.environment.user_namespace) STASIS_TRY(become_root_of_user_namespace());
    // A half-restored tree must not outlive the runtime. (Ids must not change after this.)
    if (context_.gate == Gate::kRestore) STASIS_TRY(sys::set_parent_death_signal(SIGKILL));
    STASIS_ASSIGN(BuiltEnvironment built,
                  build_environment(context_.environment, context_.prepared_mounts,
                                    *context_.channel, state_for_hooks(oci::Status::kCreating)));
    if (const auto& policy = context_.process.memory_policy) {
      STASIS_TRY(apply_memory_policy(*policy));
    }
    if (context_.gate == Gate::kRestore) {
      STASIS_TRY(
          context_.channel->send(Message::kReady, built.console_path, built.console_master.get()));
      STASIS_TRY(context_.channel->expect(Message::kStart));
      return {};
    }
    STASIS_ASSIGN(const ProcessEntry entry, ProcessEntry::prepare(context_.process));
    if (const auto& seccomp = context_.process.seccomp; seccomp && seccomp->listener) {
      STASIS_TRY(load_with_listener(*seccomp, *context_.channel));
    }
    STASIS_TRY(
        context_.channel->send(Message::kReady, built.console_path, built.console_master.get()));
    built.console_master.reset();
    STASIS_TRY(pass_gate());
    // What the container's program is, and in its directory: so are its startContainer hooks.
    STASIS_TRY(entry.become(fifo_ ? fifo_.get() : context_.channel->fd()));
    STASIS_TRY(run_hooks(context_.hooks.start_container,
                         {"startContainer", state_for_hooks(oci::Status::kCreated), ""}));
    return entry.execute();
  }

  // Hooks that run in the container get the pid that it has there.
  std::string state_for_hooks(oci::Status status) const {
    return oci::encode_state(context_.record, status, ::getpid(), oci::Shape::kSpecification);
  }

  // Tells `start`, which reads exec.fifo, that the process goes on: one byte now, an error later if
  // there is one, the end of the file at execve.
  Result<void> pass_gate() {
    if (context_.gate == Gate::kChannel) {
      STASIS_TRY(context_.channel->expect(Message::kStart));
      return {};
    }
    STASIS_ASSIGN(fifo_, sys::open_at(context_.state_dir_fd, kExecFifo, O_WRONLY));
    return sys::write_all(fifo_.get(), "0");
  }

  void report(const Error& error) const {
    if (!fifo_) {
      context_.channel->send_failure(error);
    } else {
      static_cast<void>(sys::write_all(fifo_.get(), encode_error(error)));
    }
  }

  const InitContext& context_;
  UniqueFd fifo_;
};

}  // namespace

Result<void> become_root_of_user_namespace() {
  auto dropped = sys::set_groups({});
  // Denied: who joined the namespace has given its groups up before, if it could (ns/spawn.h).
  if (!dropped && dropped.error().error_number() != EPERM) return dropped;
  STASIS_TRY(sys::set_gid(0).context("the user namespace must map gid 0"));
  return sys::set_uid(0).context("the user namespace must map uid 0");
}

void run_init(const InitContext& context) { Init(context).run(); }

}  // namespace stasis::runtime
