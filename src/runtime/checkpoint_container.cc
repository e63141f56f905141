#include "runtime/checkpoint_container.h"

#include <chrono>

#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "runtime/confinement.h"
#include "runtime/container.h"
#include "runtime/environment.h"
#include "runtime/managed_images.h"
#include "runtime/namespace_plan.h"
#include "runtime/start.h"
#include "runtime/version.h"
#include "runtime/worker.h"
#include "sys/child_process.h"
#include "sys/file.h"

namespace stasis::runtime {
namespace {

constexpr std::chrono::seconds kFreezeLimit{10};

checkpoint::AfterCheckpoint after(const CheckpointRequest& request) {
  if (request.dry_run) return checkpoint::AfterCheckpoint::kDryRun;
  return request.leave_running ? checkpoint::AfterCheckpoint::kLeaveRunning
                               : checkpoint::AfterCheckpoint::kStop;
}

std::string describe(const checkpoint::Report& report) {
  return fmt::format("nothing prevents a checkpoint: {} processes, {} threads\n{}",
                     report.processes, report.threads, report.contents);
}

// What the configuration mounts, as create did: file systems that a restore makes again, and binds.
Result<checkpoint::ConfiguredMounts> configured_mounts(const Container& container,
                                                       const oci::Spec& spec) {
  checkpoint::ConfiguredMounts configured;
  for (const oci::Mount& mount : spec.mounts) {
    STASIS_ASSIGN(const PlannedMount planned, plan_mount(mount, container.record().bundle));
    if (planned.kind == PlannedMount::Kind::kRemount) continue;
    const bool bound = planned.kind == PlannedMount::Kind::kBind;
    (bound ? configured.bound : configured.own).push_back(planned.destination);
  }
  return configured;
}

Result<void> check_status_fd(int fd) {
  if (fd == -1) return {};
  const auto inherited = sys::is_inherited_fd(fd);
  if (inherited && *inherited) return {};
  return fail(ErrorKind::kInvalidArgument, "--status-fd {}: the descriptor is not open", fd);
}

Result<void> announce_begin(int status_fd) {
  if (status_fd == -1) return {};
  return sys::write_all(status_fd, std::string_view("\0", 1)).context("--status-fd");
}

// What ended with its image can only be restored from there: as after runc's checkpoint, nothing of
// it is left that somebody would have to delete. Whatever fails, the image is complete.
void destroy_checkpointed(const Container& container) {
  const auto destroyed =
      destroy_container(container.state(), container.record(), container.cgroup());
  if (destroyed) return;
  log(LogLevel::kWarning, "ignored: the container is saved and has ended, but not deleted: {}",
      destroyed.error().message());
}

// In the worker.
Result<std::string> checkpoint_here(const Container& container, const CheckpointRequest& request,
                                    const StillWanted& still_wanted) {
  checkpoint::Request engine{.init = container.init_pid(),
                             .cgroup = &container.cgroup(),
                             .image_directory = request.image_path,
                             .after = after(request),
                             .files = {.tcp_established = request.tcp_established,
                                       .ext_unix_sk = request.external_unix_sockets,
                                       .shell_job = request.shell_job,
                                       .file_locks = request.file_locks},
                             .still_wanted = still_wanted};
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  STASIS_ASSIGN(engine.mounts, configured_mounts(container, spec));
  if (!request.empty_network) engine.network = network_owner(spec);
  engine.info.id = request.id;
  engine.info.tool = fmt::format("stasis {}", kVersion);
  STASIS_ASSIGN(const auto processes, container.cgroup().processes());
  STASIS_TRY(refuse_confined_processes(processes));
  STASIS_TRY(announce_begin(request.status_fd));
  if (request.dry_run) {
    STASIS_ASSIGN(const auto report, checkpoint::checkpoint(engine));
    return describe(report);
  }
  const bool managed = manager_owns_images(container.record().annotations);
  Rollback undo;
  if (managed) STASIS_TRY(set_aside_image(request.image_path, undo));
  STASIS_TRY(checkpoint::checkpoint(engine));
  undo.commit();
  if (managed) complete_managed_image(request.image_path);
  if (!request.leave_running) destroy_checkpointed(container);
  return std::string();
}

// Before anything is touched, and for whoever may not even look at the processes. The engine finds
// those that made a user namespace themselves.
Result<void> refuse_user_namespace(const Container& container) {
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  if (spec.find_namespace(oci::NamespaceKind::kUser) == nullptr) return {};
  return fail(ErrorKind::kUnsupported,
              "cannot checkpoint container '{}': containers with a user namespace cannot be "
              "checkpointed",
              container.record().id);
}

}  // namespace

Result<std::string> checkpoint_container(const StateStore& store,
                                         const CheckpointRequest& request) {
  STASIS_TRY(check_status_fd(request.status_fd));
  STASIS_ASSIGN(const Container container, Container::open(store, request.id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kRunning && status != oci::Status::kPaused) {
    return fail(ErrorKind::kConflict, "cannot checkpoint container '{}': it is {}", request.id,
                to_string(status));
  }
  STASIS_TRY(refuse_user_namespace(container));
  auto report = run_in_worker([&](const StillWanted& still_wanted) {
    return checkpoint_here(container, request, still_wanted);
  });
  if (report) return report;
  // A worker that was killed itself could not do it.
  if (status == oci::Status::kPaused) static_cast<void>(container.cgroup().freeze(kFreezeLimit));
  return std::move(report.error())
      .context(fmt::format("cannot checkpoint container '{}'", request.id));
}

}  // namespace stasis::runtime
