#include "runtime/launch.h"

#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "base/fault_point.h"
#include "cgroup/entrance.h"
#include "resctrl/group.h"
#include "runtime/container.h"
#include "runtime/hooks.h"
#include "runtime/id_maps.h"
#include "runtime/init_process.h"
#include "runtime/limits.h"
#include "runtime/namespace_plan.h"
#include "runtime/net_devices.h"
#include "runtime/prepared_mounts.h"
#include "runtime/process_identity.h"
#include "runtime/rootless.h"
#include "runtime/seccomp_listener.h"
#include "runtime/sysctls.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

std::string now_rfc3339() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     now.tv_nsec);
}

oci::ContainerRecord new_record(const Bundle& bundle, const LaunchOptions& options) {
  oci::ContainerRecord record;
  record.id = options.id;
  record.oci_version = bundle.spec.oci_version;
  record.bundle = bundle.path;
  record.rootfs = bundle.rootfs;
  record.created = now_rfc3339();
  record.owner = ::getuid() == 0 ? "root" : std::to_string(::getuid());
  record.no_pivot = options.root_change == RootChange::kMove;
  record.restored = options.gate == Gate::kRestore;
  record.annotations = bundle.spec.annotations;
  return record;
}

std::string cgroup_path(const Bundle& bundle, const LaunchOptions& options) {
  const std::string& wanted = bundle.spec.linux_.cgroups_path;
  return wanted.empty() ? options.id : wanted;
}

void push_cgroup_removal(Rollback& undo, const cgroup::ContainerCgroup& group) {
  undo.push([group] {
    static_cast<void>(group.kill_all());
    static_cast<void>(group.remove());
  });
}

void push_process_end(Rollback& undo, HostPid pid) {
  undo.push([pid] {
    static_cast<void>(sys::kill(pid, SIGKILL));
    static_cast<void>(sys::reap_until_exit(pid));
  });
}

Result<ns::NamespacePlan> plan_all_namespaces(const oci::Spec& spec, const LaunchOptions& options) {
  STASIS_ASSIGN(ns::NamespacePlan plan, plan_namespaces(spec));
  STASIS_TRY(check_sysctls(spec, plan.joined));
  if (options.time_offsets) {
    std::erase_if(plan.joined, [](const auto& one) { return one.kind == ns::Kind::kTime; });
    std::erase(plan.created, ns::Kind::kTime);
    plan.created.push_back(ns::Kind::kTime);
    plan.time_offsets = options.time_offsets;
  }
  plan.number = options.init_number;
  return plan;
}

EnvironmentOptions environment_options(const LaunchOptions& options) {
  return {.id = options.id,
          .root_change = options.root_change,
          .keyring = options.keyring,
          .console_use = options.gate == Gate::kRestore ? ConsoleUse::kEngine : ConsoleUse::kInit};
}

// A cgroup that the configuration names is wanted.
cgroup::Denied denied_cgroups(const Bundle& bundle, const LaunchOptions& options) {
  return bundle.spec.linux_.cgroups_path.empty() ? options.denied_cgroups : cgroup::Denied::kFail;
}

// What the parent does to the child before it goes on.
Result<void> prepare_child(const oci::Spec& spec, const ProcessPlan& process, Gate gate,
                           const LaunchedContainer& launched) {
  STASIS_TRY(map_ids(spec, launched.init).context("mapping ids"));
  STASIS_TRY(resctrl::add_process(launched.record.resctrl, launched.init));
  // A restored tree has its limits in the image.
  if (gate == Gate::kRestore) return {};
  return apply_limits(process, launched.init);
}

// The conversation of init_channel.h, from kGo to kReady.
Result<void> bring_up(const oci::Spec& spec, const ProcessPlan& process, Gate gate,
                      LaunchedContainer& launched) {
  const InitChannel& channel = launched.channel;
  STASIS_TRY(channel.send(Message::kGo));
  STASIS_TRY(channel.expect(Message::kMounted));
  STASIS_FAULT_POINT("launch.mounted");
  const std::string state = oci::encode_state(launched.record, oci::Status::kCreating,
                                              launched.init.value, oci::Shape::kSpecification);
  *launched.hooked = true;
  STASIS_TRY(run_hooks(spec.hooks.prestart, {"prestart", state, launched.record.bundle}));
  STASIS_TRY(
      run_hooks(spec.hooks.create_runtime, {"createRuntime", state, launched.record.bundle}));
  STASIS_TRY(channel.send(Message::kContinue));
  // A restored tree has its filters in the image.
  if (gate != Gate::kRestore && process.seccomp && process.seccomp->listener) {
    STASIS_TRY(hand_listener_over(*process.seccomp, channel, launched.init, state));
  }
  STASIS_ASSIGN(Received ready, channel.expect(Message::kReady));
  launched.console_master = std::move(ready.fd);
  launched.console_path = std::move(ready.text);
  STASIS_FAULT_POINT("launch.ready");
  return {};
}

// Nothing where config.json asks for none.
Result<std::optional<oci::ResctrlGroup>> reserve_resctrl(const Bundle& bundle,
                                                         const std::string& id,
                                                         const Guardian* guardian, Rollback& undo) {
  const auto& wanted = bundle.spec.linux_.intel_rdt;
  if (!wanted) return std::nullopt;
  STASIS_ASSIGN(const oci::ResctrlGroup group, resctrl::plan_group(resctrl::kRoot, id, *wanted));
  if (guardian != nullptr) STASIS_TRY(guardian->reserve_resctrl(group));
  STASIS_TRY(resctrl::make_group(resctrl::kRoot, group, *wanted));
  undo.push([group] { static_cast<void>(resctrl::remove_group(group)); });
  return group;
}

// State directory, resctrl group and cgroup: what has names that another container could want.
Result<LaunchedContainer> reserve(const StateStore& store, const Bundle& bundle,
                                  const std::vector<cgroup::Hierarchy>& hierarchies,
                                  const LaunchOptions& options) {
  Rollback undo;
  oci::ContainerRecord record = new_record(bundle, options);
  const auto hooked = std::make_shared<bool>(false);
  undo.push([hooked, hooks = bundle.spec.hooks.poststop, record] {
    if (*hooked) run_poststop_hooks(hooks, record);
  });
  std::shared_ptr<Guardian> guardian;
  if (options.gate == Gate::kRestore) {
    STASIS_ASSIGN(Guardian started, Guardian::start());
    guardian = std::make_shared<Guardian>(std::move(started));
    undo.push([guardian] { guardian->dismiss(); });
  }
  if (guardian) STASIS_TRY(guardian->reserve_state(store.path_of(options.id)));
  STASIS_ASSIGN(StateDirectory state, store.create(options.id));
  undo.push([path = state.path()] { remove_state_quietly(path); });
  if (guardian) STASIS_TRY(guardian->watch_state(state.path()));
  STASIS_TRY(state.write_config(bundle.config_text));
  // Before the cgroup, and so removed when its processes have ended.
  STASIS_ASSIGN(record.resctrl, reserve_resctrl(bundle, options.id, guardian.get(), undo));
  const std::string path = cgroup_path(bundle, options);
  if (guardian) {
    STASIS_ASSIGN(const auto wanted, cgroup::ContainerCgroup::plan(hierarchies, path));
    STASIS_TRY(guardian->reserve_cgroup(wanted));
  }
  STASIS_ASSIGN(const auto group, cgroup::ContainerCgroup::create(hierarchies, path,
                                                                  denied_cgroups(bundle, options)));
  push_cgroup_removal(undo, group);
  if (guardian) STASIS_TRY(guardian->watch_cgroup(group.record()));
  record.cgroups = to_recorded(group.record());
  STASIS_TRY(state.write_record(record));
  if (options.gate == Gate::kFifo) STASIS_TRY(state.make_exec_fifo());
  return LaunchedContainer{.state = std::move(state),
                           .record = std::move(record),
                           .cgroup = group,
                           .guardian = std::move(guardian),
                           .hooked = hooked,
                           .undo = std::move(undo)};
}

// The child has copies of everything here; it closes what would tell others that this process
// lives.
Result<void> spawn_init(ns::NamespacePlan namespaces, InitContext context,
                        LaunchedContainer& launched) {
  STASIS_ASSIGN(auto channel, make_init_channel());
  context.channel = &channel.second;
  STASIS_ASSIGN(const auto entrance, cgroup::Entrance::open(launched.cgroup.record()));
  context.entrance = &entrance;
  namespaces.cgroup_fd = entrance.v2_directory();
  // Not the descriptor that holds the lock: a copy of it in the child would go on holding it.
  STASIS_ASSIGN(const UniqueFd state_dir, sys::open(launched.state.path(), O_PATH | O_DIRECTORY));
  context.state_dir_fd = state_dir.get();
  STASIS_ASSIGN(launched.init, ns::spawn(namespaces, [&] {
                  channel.first = InitChannel(UniqueFd());
                  launched.state.abandon();
                  if (launched.guardian) launched.guardian->abandon();
                  run_init(context);
                }));
  push_process_end(launched.undo, launched.init);
  launched.channel = std::move(channel.first);
  return {};
}

}  // namespace

void LaunchedContainer::commit() {
  undo.commit();
  if (guardian) guardian->dismiss();
}

Result<LaunchedContainer> launch(const StateStore& store, const Bundle& bundle,
                                 const LaunchOptions& options) {
  const oci::Spec& spec = bundle.spec;
  STASIS_TRY(check_own_rights(spec));
  STASIS_ASSIGN(const ProcessPlan process, plan_process(*spec.process, spec, options.passed));
  STASIS_ASSIGN(ns::NamespacePlan namespaces, plan_all_namespaces(spec, options));
  STASIS_ASSIGN(const auto hierarchies, cgroup::read_hierarchies());
  STASIS_ASSIGN(LaunchedContainer launched, reserve(store, bundle, hierarchies, options));
  STASIS_FAULT_POINT("launch.reserved");
  STASIS_TRY(
      apply_resources(spec.linux_.resources, launched.cgroup, hierarchies, options.denied_cgroups));
  STASIS_ASSIGN(const Environment environment,
                plan_environment(bundle, environment_options(options), launched.cgroup));
  STASIS_ASSIGN(const PreparedMounts prepared, prepare_mounts(environment));
  STASIS_FAULT_POINT("launch.before_clone");
  STASIS_TRY(spawn_init(std::move(namespaces),
                        {.environment = environment,
                         .prepared_mounts = prepared,
                         .process = process,
                         .hooks = spec.hooks,
                         .record = launched.record,
                         .gate = options.gate},
                        launched));
  STASIS_FAULT_POINT("launch.spawned");
  STASIS_TRY(prepare_child(spec, process, options.gate, launched));
  STASIS_TRY(move_net_devices(spec.linux_.net_devices, launched.init, launched.undo));
  STASIS_TRY(bring_up(spec, process, options.gate, launched));
  STASIS_ASSIGN(const ProcessStat stat, read_process_stat(launched.init));
  launched.record.init_pid = launched.init.value;
  launched.record.init_start_ticks = stat.start_ticks;
  STASIS_TRY(launched.state.write_record(launched.record));
  return launched;
}

}  // namespace stasis::runtime
