#include "runtime/restore_container.h"

#include <unistd.h>

#include "base/fault_point.h"
#include "base/log.h"
#include "image/host_check.h"
#include "image/host_facts.h"
#include "image/reader.h"
#include "proc/host_clocks.h"
#include "proc/proc_dir.h"
#include "restore/restore.h"
#include "runtime/bundle.h"
#include "runtime/confinement.h"
#include "runtime/console.h"
#include "runtime/lifecycle.h"
#include "runtime/namespace_plan.h"
#include "runtime/pidfd_socket.h"
#include "runtime/prepare_restore.h"
#include "runtime/restore_privileges.h"
#include "runtime/run.h"
#include "runtime/supervise.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

// The container's clocks go on from where they stood.
Result<ns::TimeOffsets> offsets_for(const model::Clocks& clocks) {
  STASIS_ASSIGN(const proc::HostClocks host, proc::read_host_clocks());
  return ns::TimeOffsets{.monotonic_ns = clocks.monotonic_ns - host.monotonic_ns,
                         .boottime_ns = clocks.boottime_ns - host.boottime_ns};
}

Result<image::ImageReader> open_image(const std::string& path) {
  STASIS_ASSIGN(auto image, image::ImageReader::open(path));
  STASIS_TRY(image::check_host(image.container().host, image::read_host_facts()));
  return image;
}

// Without a pid namespace of its own a container has numbers of the host (or of the namespace that
// it joins), and needs them again. Found out before anything is made; gives the number of its init.
Result<std::optional<NsPid>> find_init_number(const model::Container& container,
                                              const oci::Spec& spec) {
  const oci::Namespace* found = spec.find_namespace(oci::NamespaceKind::kPid);
  const bool own = found != nullptr && found->path.empty();
  const NsPid init = container.processes.empty() ? NsPid{1} : container.processes.front().pid;
  if (own != (init.value == 1)) {
    return fail(ErrorKind::kInvalidArgument,
                "the container had {} pid namespace of its own, and config.json gives it {}: "
                "restore it with the linux.namespaces of the checkpoint",
                own ? "no" : "a", own ? "one" : "none");
  }
  if (own) return std::optional<NsPid>();
  for (const model::Process& process : container.processes) {
    for (const model::Thread& thread : process.threads) {
      if (found != nullptr || !proc::ProcDir::open(HostPid{thread.tid.value})) continue;
      return fail(ErrorKind::kConflict,
                  "the container shares the host's pid namespace and needs the number {} again, "
                  "which is in use",
                  thread.tid.value);
    }
  }
  return std::optional(init);
}

// Who is not root has containers in user namespaces only.
Result<void> require_root() {
  if (::geteuid() == 0) return {};
  return fail(ErrorKind::kUnsupported, "a restore needs root's rights: run it as root");
}

// No checkpoint is made of a container with a user namespace: in an image, ids are the host's.
Result<void> refuse_user_namespace(const oci::Spec& spec) {
  if (spec.find_namespace(oci::NamespaceKind::kUser) == nullptr) return {};
  return fail(ErrorKind::kUnsupported,
              "linux.namespaces: a container cannot be restored into a user namespace: leave "
              "'user' out");
}

// A container needs the terminals that it had; found out before anything is made.
Result<void> check_terminals(const model::Container& container, const oci::Process& process,
                             const RestoreRequest& request) {
  STASIS_TRY(check_console(process, request.attachment, request.console_socket));
  for (const model::Tty& tty : container.ttys) {
    if (tty.external && (!request.shell_job || find_own_terminal() < 0)) {
      return fail(ErrorKind::kInvalidArgument,
                  "the container used a terminal of its caller: restore it from a terminal, with "
                  "--shell-job");
    }
    if (tty.console && !tty.external && !process.terminal) {
      return fail(ErrorKind::kInvalidArgument,
                  "the container had a console, and config.json asks for none: set "
                  "process.terminal");
    }
  }
  return {};
}

Result<PreparedContainer> bring_back(const StateStore& store, const RestoreRequest& request,
                                     const Bundle& bundle, const image::ImageReader& image) {
  STASIS_TRY(check_privileges(image.container(), bundle.spec));
  STASIS_TRY(image.verify_data());
  STASIS_ASSIGN(const auto init_number, find_init_number(image.container(), bundle.spec));
  STASIS_ASSIGN(const UniqueFd console, connect_console_socket(request.console_socket));
  STASIS_ASSIGN(const UniqueFd pidfd_socket, connect_pidfd_socket(request.pidfd_socket));
  STASIS_ASSIGN(const ns::TimeOffsets offsets, offsets_for(image.container().clocks));
  STASIS_ASSIGN(PreparedContainer prepared, prepare_for_restore(store, bundle,
                                                                {.id = request.id,
                                                                 .root_change = request.root_change,
                                                                 .time_offsets = offsets,
                                                                 .init_number = init_number}));
  STASIS_TRY(send_console(console, prepared.console_master()));
  STASIS_ASSIGN(
      const auto report,
      restore::restore({.image = &image,
                        .network = request.empty_network ? model::NetworkOwner::kOther
                                                         : network_owner(bundle.spec),
                        .init = prepared.init(),
                        .join = [&](NsPid pid) { return prepared.join(pid); },
                        .console_path = prepared.console_path(),
                        .caller_terminal = request.shell_job ? find_own_terminal() : -1}));
  for (const auto& warning : report.warnings) log(LogLevel::kWarning, "{}", warning);
  STASIS_FAULT_POINT("restore.released");
  if (!request.pid_file.empty()) {
    STASIS_TRY(prepared.announce_file(request.pid_file));
    STASIS_TRY(write_pid_file(request.pid_file, prepared.init()));
  }
  STASIS_TRY(send_pidfd(pidfd_socket, prepared.init()));
  STASIS_FAULT_POINT("restore.complete");
  return prepared;
}

}  // namespace

Result<std::string> describe_restore(const RestoreRequest& request) {
  STASIS_ASSIGN(const auto image, open_image(request.image_path));
  STASIS_TRY(image.verify_data());
  return restore::describe_restore(image.container());
}

Result<int> restore_container(const StateStore& store, const RestoreRequest& request) {
  STASIS_TRY(require_root());
  STASIS_ASSIGN(const auto image, open_image(request.image_path));
  STASIS_ASSIGN(const Bundle bundle, load_bundle(request.bundle));
  STASIS_TRY(refuse_user_namespace(bundle.spec));
  STASIS_TRY(refuse_confined_restore(*bundle.spec.process));
  STASIS_TRY(check_terminals(image.container(), *bundle.spec.process, request));
  const bool attached = request.attachment == Attachment::kAttached;
  std::optional<SignalForwarding> signals;
  if (attached) {
    STASIS_ASSIGN(signals, SignalForwarding::start());
    if (request.subreaper == Subreaper::kBecome) STASIS_TRY(sys::set_child_subreaper());
  }
  HostPid init;
  UniqueFd master;
  {
    STASIS_ASSIGN(PreparedContainer prepared, bring_back(store, request, bundle, image));
    init = prepared.init();
    master = prepared.take_console_master();
    prepared.commit();
  }
  if (!attached) return 0;
  STASIS_ASSIGN(const int status, supervise(*signals, init, std::move(master)));
  STASIS_TRY(remove_ended_container(store, request.id, init));
  return status;
}

}  // namespace stasis::runtime
