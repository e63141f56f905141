#include "runtime/joined_process.h"

#include <csignal>

#include <unistd.h>

#include "cgroup/entrance.h"
#include "resctrl/group.h"
#include "runtime/init_process.h"
#include "runtime/namespace_plan.h"
#include "sys/child_process.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

struct JoinContext {
  const InitChannel& channel;
  const cgroup::Entrance& entrance;
  std::string keyring_name;
  bool in_user_namespace = false;
};

// Only returns on failure, or when the runtime lets go without killing it.
Result<void> run_steps(const JoinContext& context) {
  // A copy of the runtime: nobody inside may look into it.
  STASIS_TRY(sys::set_dumpable(0));
  STASIS_TRY(context.entrance.enter_v1());
  STASIS_ASSIGN(const Received go, context.channel.expect(Message::kGo));
  if (context.in_user_namespace) STASIS_TRY(become_root_of_user_namespace());
  // A half-restored process must not outlive the runtime. (Ids must not change after this.)
  STASIS_TRY(sys::set_parent_death_signal(SIGKILL));
  auto joined = sys::join_new_session_keyring(context.keyring_name);
  if (!joined && joined.error().kind() != ErrorKind::kUnsupported) return joined;
  STASIS_TRY(sys::reset_cpu_affinity());
  STASIS_TRY(context.channel.send(Message::kReady));
  STASIS_TRY(context.channel.expect(Message::kStart));
  return {};
}

[[noreturn]] void run_child(const JoinContext& context) {
  const auto result = run_steps(context);
  if (!result) context.channel.send_failure(result.error());
  ::_exit(1);
}

// By its pidfd: helpers end, and their numbers may be others' by then.
Result<void> push_process_end(Rollback& undo, HostPid pid) {
  auto pidfd = sys::pidfd_open(pid);
  if (!pidfd) {
    static_cast<void>(sys::kill(pid, SIGKILL));
    static_cast<void>(sys::wait_for_exit(pid));
    return std::move(pidfd.error());
  }
  undo.push([pid, handle = std::make_shared<UniqueFd>(std::move(*pidfd))] {
    static_cast<void>(sys::pidfd_send_signal(handle->get(), SIGKILL));
    static_cast<void>(sys::wait_for_exit(pid));
  });
  return {};
}

}  // namespace

Result<HostPid> spawn_joined_process(LaunchedContainer& container, NsPid pid) {
  STASIS_ASSIGN(ns::NamespacePlan namespaces, plan_joining(container.init));
  namespaces.number = pid;
  STASIS_ASSIGN(auto channel, make_init_channel());
  STASIS_ASSIGN(const auto entrance, cgroup::Entrance::open(container.cgroup.record()));
  namespaces.cgroup_fd = entrance.v2_directory();
  JoinContext context{.channel = channel.second,
                      .entrance = entrance,
                      .keyring_name = session_keyring_name(container.record.id)};
  for (const auto& one : namespaces.joined) {
    context.in_user_namespace = context.in_user_namespace || one.kind == ns::Kind::kUser;
  }
  STASIS_ASSIGN(const HostPid child, ns::spawn(namespaces, [&] {
                  channel.first = InitChannel(UniqueFd());
                  container.state.abandon();
                  if (container.guardian) container.guardian->abandon();
                  run_child(context);
                }));
  STASIS_TRY(push_process_end(container.undo, child));
  channel.second = InitChannel(UniqueFd());
  STASIS_TRY(resctrl::add_process(container.record.resctrl, child));
  STASIS_TRY(channel.first.send(Message::kGo));
  STASIS_TRY(channel.first.expect(Message::kReady));
  container.joined_channels.push_back(std::move(channel.first));
  return child;
}

}  // namespace stasis::runtime
