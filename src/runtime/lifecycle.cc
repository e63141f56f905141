#include "runtime/lifecycle.h"

#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include "base/parse.h"
#include "runtime/container.h"
#include "runtime/members.h"
#include "runtime/start.h"
#include "sys/child_process.h"
#include "sys/pidfd_info.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

constexpr std::chrono::seconds kFreezeLimit{10};

constexpr std::array<std::pair<std::string_view, int>, 33> kSignals{{
    {"HUP", SIGHUP},       {"INT", SIGINT},   {"QUIT", SIGQUIT},     {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"IOT", SIGIOT},       {"BUS", SIGBUS},
    {"FPE", SIGFPE},       {"KILL", SIGKILL}, {"USR1", SIGUSR1},     {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},     {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT},     {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP},     {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},     {"URG", SIGURG},
    {"XCPU", SIGXCPU},     {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF},
    {"WINCH", SIGWINCH},   {"IO", SIGIO},     {"POLL", SIGPOLL},     {"PWR", SIGPWR},
    {"SYS", SIGSYS},
}};

// "RTMIN+3", "RTMAX-1": what the C library leaves to programs.
std::optional<int> parse_realtime(std::string_view name) {
  const bool from_min = name.starts_with("RTMIN");
  if (!from_min && !name.starts_with("RTMAX")) return std::nullopt;
  const int base = from_min ? SIGRTMIN : SIGRTMAX;
  const std::string_view rest = name.substr(5);
  if (rest.empty()) return base;
  const auto distance = parse_number<int>(rest.substr(1));
  if (!distance || rest.front() != (from_min ? '+' : '-')) return std::nullopt;
  const int signal = from_min ? base + *distance : base - *distance;
  return signal >= SIGRTMIN && signal <= SIGRTMAX ? std::optional(signal) : std::nullopt;
}

// Without a pid namespace of its own, nothing else of the container ends with its first process.
Result<bool> has_own_pids(const Container& container) {
  STASIS_ASSIGN(const oci::Spec spec, container.spec());
  const oci::Namespace* found = spec.find_namespace(oci::NamespaceKind::kPid);
  return found != nullptr && found->path.empty();
}

}  // namespace

Result<int> parse_signal(std::string_view text) {
  if (const auto number = parse_number<int>(text)) {
    if (*number >= 0 && *number < NSIG) return *number;
    return fail(ErrorKind::kInvalidArgument, "unknown signal '{}'", text);
  }
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  std::string_view name = upper;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (const auto& [known, number] : kSignals) {
    if (known == name) return number;
  }
  if (const auto realtime = parse_realtime(name)) return *realtime;
  return fail(ErrorKind::kInvalidArgument, "unknown signal '{}'", text);
}

Result<void> kill_container(const StateStore& store, const std::string& id, int signal,
                            KillScope scope) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kRead));
  if (scope == KillScope::kAll) return signal_members(container, signal);
  const auto init = container.init();
  // containerd's shim matches on these first words.
  const auto not_running = [&] {
    return fail(ErrorKind::kConflict, "container not running: '{}'", id);
  };
  if (!init) return not_running();
  if (signal == SIGKILL) {
    STASIS_ASSIGN(const bool own_pids, has_own_pids(container));
    if (!own_pids) return signal_members(container, signal);
  }
  const auto sent = sys::pidfd_send_signal(init->get(), signal);
  if (!sent && sent.error().kind() == ErrorKind::kTaskDied) return not_running();
  if (!sent) return Error(sent.error()).context("signalling the container");
  // The v1 freezer holds back even SIGKILL.
  if (signal == SIGKILL) STASIS_TRY(container.cgroup().thaw());
  return {};
}

Result<void> delete_container(const StateStore& store, const std::string& id, Force force) {
  auto opened = Container::open(store, id, Access::kChange);
  if (!opened && force == Force::kYes && opened.error().kind() == ErrorKind::kNotFound) return {};
  STASIS_ASSIGN(const Container container, std::move(opened));
  STASIS_ASSIGN(const oci::Status status, container.status());
  const bool idle = status == oci::Status::kStopped || status == oci::Status::kCreated;
  if (!idle && force == Force::kNo) {
    return fail(ErrorKind::kConflict,
                "cannot delete container '{}': it is {}: stop it first, or use --force", id,
                to_string(status));
  }
  return destroy_container(container.state(), container.record(), container.cgroup());
}

Result<void> remove_ended_container(const StateStore& store, const std::string& id, HostPid init) {
  const auto container = Container::open(store, id, Access::kChange);
  if (!container) {
    if (container.error().kind() == ErrorKind::kNotFound) return {};
    return container.error();
  }
  if (container->init_pid() != init || container->init()) return {};
  return destroy_container(container->state(), container->record(), container->cgroup());
}

Result<void> pause_container(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kRunning && status != oci::Status::kCreated) {
    return fail(ErrorKind::kConflict, "container not running: '{}': it is {}", id,
                to_string(status));
  }
  return container.cgroup().freeze(kFreezeLimit);
}

Result<void> resume_container(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kPaused) {
    return fail(ErrorKind::kConflict, "container not paused: '{}': it is {}", id,
                to_string(status));
  }
  return container.cgroup().thaw();
}

Result<int> wait_container(const StateStore& store, const std::string& id) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kRead));
  const auto init = container.init();
  if (!init) return fail(ErrorKind::kConflict, "cannot wait for container '{}': it is stopped", id);
  STASIS_ASSIGN(const sys::ExitStatus status, sys::wait_for_pidfd(init->get()));
  return status.as_shell();
}

}  // namespace stasis::runtime
