#include "runtime/run.h"

#include <fcntl.h>

#include "base/log.h"
#include "base/rollback.h"
#include "runtime/container.h"
#include "runtime/launch.h"
#include "runtime/lifecycle.h"
#include "runtime/pidfd_socket.h"
#include "runtime/start.h"
#include "runtime/supervise.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/node.h"
#include "sys/process_settings.h"

namespace stasis::runtime {
namespace {

Result<LaunchOptions> launch_options(const CreateRequest& request, Gate gate) {
  STASIS_ASSIGN(auto passed, pass_to_init(request.preserved_fds));
  return LaunchOptions{.id = request.id,
                       .root_change = request.root_change,
                       .keyring = request.keyring,
                       .passed = std::move(passed),
                       .gate = gate,
                       .denied_cgroups = denied_cgroups(request.rootless)};
}

Result<LaunchedContainer> make_container(const StateStore& store, const Bundle& bundle,
                                         const CreateRequest& request, Gate gate) {
  STASIS_ASSIGN(const LaunchOptions options, launch_options(request, gate));
  STASIS_ASSIGN(const UniqueFd console, connect_console_socket(request.console_socket));
  STASIS_ASSIGN(const UniqueFd pidfd_socket, connect_pidfd_socket(request.pidfd_socket));
  STASIS_ASSIGN(LaunchedContainer launched, launch(store, bundle, options));
  STASIS_TRY(send_console(console, launched.console_master));
  STASIS_TRY(send_pidfd(pidfd_socket, launched.init));
  if (!request.pid_file.empty()) STASIS_TRY(write_pid_file(request.pid_file, launched.init));
  return launched;
}

}  // namespace

Result<void> write_pid_file(const std::string& path, HostPid pid) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == path.npos ? "" : path.substr(0, slash + 1);
  const std::string temporary =
      fmt::format("{}.{}.{}", directory, path.substr(directory.size()), pid.value);
  STASIS_ASSIGN(const UniqueFd file,
                sys::open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0666).context("--pid-file"));
  Rollback undo;
  undo.push([temporary] { static_cast<void>(sys::unlink_at(sys::kCwd, temporary)); });
  STASIS_TRY(sys::write_all(file.get(), std::to_string(pid.value)).context("--pid-file"));
  STASIS_TRY(sys::rename_replace(sys::kCwd, temporary, path).context("--pid-file"));
  undo.commit();
  return {};
}

Result<void> create_container(const StateStore& store, const CreateRequest& request) {
  STASIS_ASSIGN(const Bundle bundle, load_bundle(request.bundle));
  STASIS_TRY(check_console(*bundle.spec.process, Attachment::kDetached, request.console_socket));
  STASIS_ASSIGN(LaunchedContainer launched, make_container(store, bundle, request, Gate::kFifo));
  launched.commit();
  return {};
}

Result<int> run_container(const StateStore& store, const RunRequest& request) {
  STASIS_ASSIGN(const Bundle bundle, load_bundle(request.create.bundle));
  STASIS_TRY(
      check_console(*bundle.spec.process, request.attachment, request.create.console_socket));
  const bool attached = request.attachment == Attachment::kAttached;
  std::optional<SignalForwarding> signals;
  if (attached) {
    STASIS_ASSIGN(signals, SignalForwarding::start());
    if (request.subreaper == Subreaper::kBecome) STASIS_TRY(sys::set_child_subreaper());
  }
  STASIS_ASSIGN(LaunchedContainer launched,
                make_container(store, bundle, request.create, Gate::kChannel));
  STASIS_TRY(start_launched(launched, bundle.spec));
  launched.commit();
  if (!attached) return 0;
  // The lock goes: `exec`, `kill` and the others work on the container from here on.
  const HostPid init = launched.init;
  UniqueFd master = std::move(launched.console_master);
  { const LaunchedContainer released = std::move(launched); }
  STASIS_ASSIGN(const int status, supervise(*signals, init, std::move(master)));
  if (request.after_exit == AfterExit::kKeep) return status;
  STASIS_TRY(remove_ended_container(store, request.create.id, init));
  return status;
}

}  // namespace stasis::runtime
