#include "runtime/hooks.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/log.h"
#include "base/parse.h"
#include "sys/child_process.h"
#include "sys/descriptor.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// What is kept of a hook's output for the error; the rest is read and dropped.
constexpr std::size_t kLongestOutput = 4096;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// The ends of the hook's standard descriptors.
struct HookPipes {
  sys::PipeFds input, output, error;
};

Result<HookPipes> make_pipes() {
  HookPipes pipes;
  STASIS_ASSIGN(pipes.input, sys::make_pipe());
  STASIS_ASSIGN(pipes.output, sys::make_pipe());
  STASIS_ASSIGN(pipes.error, sys::make_pipe());
  return pipes;
}

[[noreturn]] void become_hook(const oci::Hook& hook, const std::string& directory,
                              const HookPipes& pipes) {
  static_cast<void>(sys::duplicate_onto(pipes.input.read_end.get(), 0));
  static_cast<void>(sys::duplicate_onto(pipes.output.write_end.get(), 1));
  static_cast<void>(sys::duplicate_onto(pipes.error.write_end.get(), 2));
  sys::reset_signal_actions();
  sigset_t none{};
  sigemptyset(&none);
  static_cast<void>(sys::set_signal_mask(none));
  const auto args = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
  const auto argv = pointers(args);
  const auto envp = pointers(hook.env);
  auto moved = directory.empty() ? Result<void>() : sys::change_dir(directory);
  // The bundle may be closed to the root of the container's user namespace, whom it does not
  // concern.
  if (!moved && moved.error().error_number() == EACCES) moved = sys::change_dir("/");
  const Error error =
      moved ? sys::execute(hook.path.c_str(), argv.data(), envp.data()) : std::move(moved.error());
  static_cast<void>(sys::write_all(2, error.message()));
  ::_exit(127);
}

// One run of a hook: fed with the state, its output read, until it ends or its time is over. All at
// once, since a hook may do these in any order, or not at all.
class RunningHook {
 public:
  using Deadline = std::optional<Clock::time_point>;

  static Result<RunningHook> start(const oci::Hook& hook, const HookCall& call) {
    STASIS_ASSIGN(HookPipes pipes, make_pipes());
    STASIS_TRY(sys::set_status_flags(pipes.input.write_end.get(), O_NONBLOCK));
    // Not by clone3(2): a startContainer hook comes after the seccomp filter, and most profiles
    // refuse that one.
    STASIS_ASSIGN(const HostPid pid, sys::fork_process());
    if (pid.value == 0) become_hook(hook, call.directory, pipes);
    RunningHook running(pid, std::move(pipes), call.state);
    auto pidfd = sys::pidfd_open(pid);
    if (!pidfd) {
      running.kill();
      STASIS_TRY(running.reap());
      return std::move(pidfd.error());
    }
    running.pidfd_ = std::move(*pidfd);
    return running;
  }

  // False: the deadline came first.
  Result<bool> attend(const Deadline& deadline) {
    while (true) {
      std::array<pollfd, 4> watched{pollfd{pidfd_.get(), POLLIN, 0},
                                    pollfd{input_ ? input_.get() : -1, POLLOUT, 0},
                                    pollfd{output_ ? output_.get() : -1, POLLIN, 0},
                                    pollfd{error_ ? error_.get() : -1, POLLIN, 0}};
      const int ready = ::poll(watched.data(), watched.size(), milliseconds_until(deadline));
      const bool ended = ready > 0 && watched[0].revents != 0;
      if (!ended && deadline && Clock::now() >= *deadline) return false;
      if (ready <= 0) continue;
      if (watched[2].revents != 0) STASIS_TRY(read_from(output_, said_));
      if (watched[3].revents != 0) STASIS_TRY(read_from(error_, complained_));
      if (watched[1].revents != 0) feed();
      // What it wrote is read; its descendants may hold the pipes open, and write, for ever.
      if (ended && is_done(watched[2], said_) && is_done(watched[3], complained_)) return true;
    }
  }

  void kill() const { static_cast<void>(sys::kill(pid_, SIGKILL)); }
  Result<sys::ExitStatus> reap() const { return sys::wait_for_exit(pid_); }
  std::string output() const {
    return fmt::format("stdout: {}, stderr: {}", trim(said_), trim(complained_));
  }

 private:
  RunningHook(HostPid pid, HookPipes pipes, std::string_view state)
      : pid_(pid),
        unsent_(state),
        input_(std::move(pipes.input.write_end)),
        output_(std::move(pipes.output.read_end)),
        error_(std::move(pipes.error.read_end)) {}

  static int milliseconds_until(const Deadline& deadline) {
    if (!deadline) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
  }

  static bool is_done(const pollfd& output, const std::string& text) {
    return output.revents == 0 || text.size() >= kLongestOutput;
  }

  // A hook that does not read its input to the end is no failure.
  void feed() {
    const auto sent = sys::write_some(input_.get(), unsent_);
    if (sent) unsent_.remove_prefix(*sent);
    if (unsent_.empty() || (!sent && sent.error().error_number() != EAGAIN)) input_.reset();
  }

  static Result<void> read_from(UniqueFd& fd, std::string& into) {
    std::array<std::byte, 1024> buffer;
    STASIS_ASSIGN(const std::size_t got, sys::read_some(fd.get(), buffer));
    if (got == 0) fd.reset();
    if (into.size() < kLongestOutput) into.append(reinterpret_cast<char*>(buffer.data()), got);
    return {};
  }

  HostPid pid_;
  UniqueFd pidfd_;
  std::string_view unsent_;  // of the state
  UniqueFd input_, output_, error_;
  std::string said_, complained_;
};

Result<void> run_hook(const oci::Hook& hook, const HookCall& call) {
  RunningHook::Deadline deadline;
  if (hook.timeout) deadline = Clock::now() + std::chrono::seconds(*hook.timeout);
  STASIS_ASSIGN(RunningHook running, RunningHook::start(hook, call));
  auto ended = running.attend(deadline);
  if (!ended || !*ended) running.kill();
  STASIS_ASSIGN(const sys::ExitStatus status, running.reap());
  STASIS_ASSIGN(const bool in_time, std::move(ended));
  if (!in_time) {
    return fail(ErrorKind::kTimeout, "hook ran past specified timeout of {:.1f}s",
                static_cast<double>(*hook.timeout));
  }
  if (status == sys::ExitStatus{}) return {};
  const std::string how = status.signal != 0 ? fmt::format("signal {}", status.signal)
                                             : fmt::format("exit status {}", status.code);
  return fail(ErrorKind::kKernel, "{}, {}", how, running.output());
}

Result<void> run_one(const std::vector<oci::Hook>& hooks, std::size_t i, const HookCall& call) {
  // A hook that does not read its input must not kill the runtime.
  std::signal(SIGPIPE, SIG_IGN);
  auto result =
      run_hook(hooks[i], call).context(fmt::format("error running {} hook #{}", call.kind, i));
  std::signal(SIGPIPE, SIG_DFL);
  return result;
}

}  // namespace

Result<void> run_hooks(const std::vector<oci::Hook>& hooks, const HookCall& call) {
  for (std::size_t i = 0; i < hooks.size(); ++i) STASIS_TRY(run_one(hooks, i, call));
  return {};
}

void run_poststop_hooks(const std::vector<oci::Hook>& hooks, const oci::ContainerRecord& record) {
  const std::string state =
      oci::encode_state(record, oci::Status::kStopped, 0, oci::Shape::kSpecification);
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const auto run = run_one(hooks, i, {"poststop", state, ""});
    if (!run) log(LogLevel::kWarning, "ignored: {}", run.error().message());
  }
}

}  // namespace stasis::runtime
