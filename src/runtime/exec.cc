#include "runtime/exec.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fault_point.h"
#include "base/parse.h"
#include "base/rollback.h"
#include "cgroup/entrance.h"
#include "oci/mapped_ids.h"
#include "oci/parse_spec.h"
#include "oci/validate.h"
#include "resctrl/group.h"
#include "runtime/container.h"
#include "runtime/device_nodes.h"
#include "runtime/environment.h"
#include "runtime/init_channel.h"
#include "runtime/init_process.h"
#include "runtime/namespace_plan.h"
#include "runtime/pidfd_socket.h"
#include "runtime/process_plan.h"
#include "runtime/run.h"
#include "runtime/seccomp_listener.h"
#include "runtime/supervise.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

Result<void> apply_user(const std::string& text, oci::User& user) {
  const auto parts = split(text, ':');
  const auto uid = parse_number<std::uint32_t>(parts.front());
  const auto gid = parts.size() > 1 ? parse_number<std::uint32_t>(parts[1]) : user.gid;
  if (!uid || !gid || parts.size() > 2) {
    return fail(ErrorKind::kInvalidArgument, "--user: expected UID[:GID], found '{}'", text);
  }
  user.uid = *uid;
  user.gid = *gid;
  return {};
}

void add_capabilities(const std::vector<std::string>& names, oci::Process& process) {
  if (names.empty()) return;
  if (!process.capabilities) process.capabilities.emplace();
  oci::Capabilities& sets = *process.capabilities;
  for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) {
    set->insert(set->end(), names.begin(), names.end());
  }
}

struct ExecContext {
  const ProcessPlan& process;
  const InitChannel& channel;
  const cgroup::Entrance& entrance;
  std::optional<TerminalRequest> terminal;
  std::string keyring_name;
  bool in_user_namespace = false;
};

Result<void> run_steps(const ExecContext& context) {
  STASIS_TRY(sys::set_dumpable(0));
  STASIS_TRY(context.entrance.enter_v1());
  STASIS_ASSIGN(const Received go, context.channel.expect(Message::kGo));
  STASIS_TRY(sys::set_sid());
  if (context.in_user_namespace) STASIS_TRY(become_root_of_user_namespace());
  auto joined = sys::join_new_session_keyring(context.keyring_name);
  if (!joined && joined.error().kind() != ErrorKind::kUnsupported) return joined;
  STASIS_TRY(sys::reset_cpu_affinity());
  if (const auto& cpus = context.process.scheduling.final_cpus) {
    STASIS_TRY(sys::sched_setaffinity(HostPid{0}, *cpus).context("process.execCPUAffinity.final"));
  }
  if (const auto& policy = context.process.memory_policy) STASIS_TRY(apply_memory_policy(*policy));
  Terminal console;
  if (context.terminal) {
    STASIS_ASSIGN(const UniqueFd root, sys::open("/", O_PATH | O_DIRECTORY));
    STASIS_ASSIGN(console, make_terminal(*context.terminal, root.get()));
  }
  STASIS_ASSIGN(const ProcessEntry entry, ProcessEntry::prepare(context.process));
  if (const auto& seccomp = context.process.seccomp; seccomp && seccomp->listener) {
    STASIS_TRY(load_with_listener(*seccomp, context.channel));
  }
  STASIS_TRY(context.channel.send(Message::kReady, console.path, console.master.get()));
  console.master.reset();
  STASIS_ASSIGN(const Received start, context.channel.expect(Message::kStart));
  STASIS_TRY(entry.become(context.channel.fd()));
  return entry.execute();
}

[[noreturn]] void run_exec_child(const ExecContext& context) {
  const auto result = run_steps(context);
  if (!result) context.channel.send_failure(result.error());
  ::_exit(255);
}

Result<Container> open_for_exec(const StateStore& store, const ExecRequest& request) {
  STASIS_ASSIGN(Container container, Container::open(store, request.id, Access::kRead));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status == oci::Status::kStopped) {
    return fail(ErrorKind::kConflict, "cannot exec in container '{}': it is stopped", request.id);
  }
  if (status == oci::Status::kPaused && request.when_paused == WhenPaused::kRefuse) {
    return fail(ErrorKind::kConflict, "cannot exec in container '{}': it is paused", request.id);
  }
  return container;
}

struct ExecProcess {
  HostPid pid;
  InitChannel channel;
  UniqueFd console_master;
  Rollback undo;
};

Error just_ended(const Container& container) {
  return fail(ErrorKind::kTaskDied, "container '{}' has just ended", container.record().id);
}

// `init`: the container's pid 1.
Result<ExecProcess> spawn_in(const Container& container, const UniqueFd& init,
                             const ExecRequest& request, const oci::Process& process,
                             const ProcessPlan& plan) {
  STASIS_ASSIGN(ns::NamespacePlan namespaces, plan_joining(container.init_pid()));
  // What was opened belongs to this container, if its pid 1 still lives now.
  if (sys::pidfd_has_ended(init.get())) return just_ended(container);
  STASIS_ASSIGN(auto channel, make_init_channel());
  STASIS_ASSIGN(auto cgroups, container.cgroup().record_beside(container.init_pid()));
  for (const std::string& one : request.subgroups) {
    STASIS_ASSIGN(cgroups, cgroup::choose_subgroup(std::move(cgroups), one).context("--cgroup"));
  }
  STASIS_ASSIGN(const auto entrance, cgroup::Entrance::open(cgroups));
  namespaces.cgroup_fd = entrance.v2_directory();
  ExecContext context{.process = plan, .channel = channel.second, .entrance = entrance};
  context.keyring_name = session_keyring_name(container.record().id);
  if (process.terminal) context.terminal = TerminalRequest{process.console_size, process.user.uid};
  for (const auto& one : namespaces.joined) {
    context.in_user_namespace = context.in_user_namespace || one.kind == ns::Kind::kUser;
  }
  STASIS_FAULT_POINT("exec.before_clone");
  STASIS_ASSIGN(const HostPid pid, ns::spawn(namespaces, [&] {
                  channel.first = InitChannel(UniqueFd());
                  run_exec_child(context);
                }));
  ExecProcess spawned{pid, std::move(channel.first), UniqueFd(), Rollback()};
  spawned.undo.push([pid] {
    static_cast<void>(sys::kill(pid, SIGKILL));
    static_cast<void>(sys::wait_for_exit(pid));
  });
  channel.second = InitChannel(UniqueFd());
  STASIS_TRY(apply_limits(plan, pid));
  STASIS_TRY(resctrl::add_process(container.record().resctrl, pid));
  if (const auto& cpus = plan.scheduling.initial_cpus) {
    STASIS_TRY(sys::sched_setaffinity(pid, *cpus).context("process.execCPUAffinity.initial"));
  }
  STASIS_TRY(spawned.channel.send(Message::kGo));
  if (plan.seccomp && plan.seccomp->listener) {
    const std::string state =
        oci::encode_state(container.record(), oci::Status::kRunning, container.init_pid().value,
                          oci::Shape::kSpecification);
    STASIS_TRY(hand_listener_over(*plan.seccomp, spawned.channel, pid, state));
  }
  STASIS_ASSIGN(Received ready, spawned.channel.expect(Message::kReady));
  spawned.console_master = std::move(ready.fd);
  return spawned;
}

// Whether `error` is what becomes of a new process in a container that ends. From when pid 1 begins
// to die its namespace takes no more processes (ENOMEM, pid_namespaces(7)), and those in it are
// killed; only once they all are gone has pid 1 ended.
bool is_end_of(const UniqueFd& init, const Error& error) {
  const bool may_be = error.error_number() == ENOMEM || error.kind() == ErrorKind::kTaskDied;
  constexpr int kLongestEndMs = 2000;
  pollfd watched{init.get(), POLLIN, 0};
  return ::poll(&watched, 1, may_be ? kLongestEndMs : 0) == 1;
}

// The new process is ready to become the program.
Result<ExecProcess> spawn_ready(const Container& container, const ExecRequest& request,
                                const oci::Process& process, const ProcessPlan& plan) {
  const auto init = container.init();
  if (!init) return just_ended(container);
  auto spawned = spawn_in(container, *init, request, process, plan);
  if (!spawned && is_end_of(*init, spawned.error())) return just_ended(container);
  return spawned;
}

}  // namespace

Result<oci::Process> plan_exec(const ExecRequest& request, const oci::Process& of_container) {
  oci::Process process = of_container;
  process.args = request.args;
  process.terminal = request.terminal;
  process.console_size.reset();
  process.env.insert(process.env.end(), request.env.begin(), request.env.end());
  if (!request.cwd.empty()) process.cwd = request.cwd;
  if (!request.user.empty()) STASIS_TRY(apply_user(request.user, process.user));
  process.user.additional_gids.insert(process.user.additional_gids.end(),
                                      request.additional_gids.begin(),
                                      request.additional_gids.end());
  add_capabilities(request.capabilities, process);
  if (!request.apparmor_profile.empty()) process.apparmor_profile = request.apparmor_profile;
  process.no_new_privileges = process.no_new_privileges || request.no_new_privileges;
  return process;
}

Result<int> exec_in_container(const StateStore& store, const ExecRequest& request) {
  STASIS_ASSIGN(const auto passed, pass_to_exec(request.preserved_fds));
  STASIS_ASSIGN(const Container container, open_for_exec(store, request));
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  oci::Process process;
  if (request.process_file.empty()) {
    STASIS_ASSIGN(process, plan_exec(request, *spec.process));
  } else {
    STASIS_ASSIGN(const std::string text, sys::read_file(request.process_file));
    STASIS_ASSIGN(process, oci::parse_process(text).context(request.process_file));
    process.terminal = process.terminal || request.terminal;
  }
  STASIS_TRY(oci::validate_process(process));
  STASIS_TRY(oci::validate_mapped_ids(spec, process.user));
  STASIS_TRY(check_console(process, request.attachment, request.console_socket));
  STASIS_ASSIGN(const ProcessPlan plan, plan_process(process, spec, passed));
  STASIS_ASSIGN(const UniqueFd console, connect_console_socket(request.console_socket));
  STASIS_ASSIGN(const UniqueFd pidfd_socket, connect_pidfd_socket(request.pidfd_socket));
  std::optional<SignalForwarding> signals;
  if (request.attachment == Attachment::kAttached) {
    STASIS_ASSIGN(signals, SignalForwarding::start());
  }
  STASIS_ASSIGN(ExecProcess spawned, spawn_ready(container, request, process, plan));
  STASIS_TRY(send_console(console, spawned.console_master));
  STASIS_TRY(send_pidfd(pidfd_socket, spawned.pid));
  if (!request.pid_file.empty()) STASIS_TRY(write_pid_file(request.pid_file, spawned.pid));
  STASIS_TRY(spawned.channel.send(Message::kStart));
  STASIS_TRY(spawned.channel.expect_end());
  spawned.undo.commit();
  if (request.attachment == Attachment::kDetached) return 0;
  return supervise(*signals, spawned.pid, std::move(spawned.console_master));
}

}  // namespace stasis::runtime
