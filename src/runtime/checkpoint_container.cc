#include "runtime/checkpoint_container.h"

#include "checkpoint/checkpoint.h"
#include "runtime/container.h"
#include "runtime/environment.h"
#include "runtime/version.h"

namespace stasis::runtime {
namespace {

checkpoint::AfterCheckpoint after(const CheckpointRequest& request) {
  if (request.dry_run) return checkpoint::AfterCheckpoint::kDryRun;
  return request.leave_running ? checkpoint::AfterCheckpoint::kLeaveRunning
                               : checkpoint::AfterCheckpoint::kStop;
}

std::string describe(const checkpoint::Report& report) {
  return fmt::format("nothing prevents a checkpoint: {} processes, {} threads\n", report.processes,
                     report.threads);
}

// What the configuration mounts, as create did: file systems that a restore makes again, and binds.
Result<checkpoint::ConfiguredMounts> configured_mounts(const Container& container) {
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  checkpoint::ConfiguredMounts configured;
  for (const oci::Mount& mount : spec.mounts) {
    STASIS_ASSIGN(const PlannedMount planned, plan_mount(mount, container.record().bundle));
    const bool bound = planned.kind == PlannedMount::Kind::kBind;
    (bound ? configured.bound : configured.own).push_back(planned.destination);
  }
  return configured;
}

}  // namespace

Result<std::string> checkpoint_container(const StateStore& store,
                                         const CheckpointRequest& request) {
  STASIS_ASSIGN(const Container container, Container::open(store, request.id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kRunning && status != oci::Status::kPaused) {
    return fail(ErrorKind::kConflict, "cannot checkpoint container '{}': it is {}", request.id,
                to_string(status));
  }
  checkpoint::Request engine{.init = container.init_pid(),
                             .cgroup = &container.cgroup(),
                             .image_directory = request.image_path,
                             .after = after(request),
                             .files = {.tcp_established = request.tcp_established,
                                       .ext_unix_sk = request.external_unix_sockets,
                                       .shell_job = request.shell_job,
                                       .file_locks = request.file_locks}};
  STASIS_ASSIGN(engine.mounts, configured_mounts(container));
  engine.info.id = request.id;
  engine.info.tool = fmt::format("stasis {}", kVersion);
  auto report = checkpoint::checkpoint(engine);
  if (!report) {
    return std::move(report.error())
        .context(fmt::format("cannot checkpoint container '{}'", request.id));
  }
  return request.dry_run ? describe(*report) : std::string();
}

}  // namespace stasis::runtime
