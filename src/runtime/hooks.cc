#include "runtime/hooks.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include <poll.h>
#include <unistd.h>

#include "base/parse.h"
#include "sys/child_process.h"
#include "sys/file.h"
#include "sys/process_settings.h"
#include "sys/signals.h"

namespace stasis::runtime {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestOutput = 4096;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

struct RunningHook {
  HostPid pid;
  UniqueFd input;   // its standard input
  UniqueFd output;  // its standard output and error
};

[[noreturn]] void become_hook(const oci::Hook& hook, const std::string& directory, int input,
                              int output) {
  static_cast<void>(sys::duplicate_onto(input, 0));
  static_cast<void>(sys::duplicate_onto(output, 1));
  static_cast<void>(sys::duplicate_onto(output, 2));
  sys::reset_signal_actions();
  sigset_t none{};
  sigemptyset(&none);
  static_cast<void>(sys::set_signal_mask(none));
  const auto args = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
  const auto argv = pointers(args);
  const auto envp = pointers(hook.env);
  auto moved = directory.empty() ? Result<void>() : sys::change_dir(directory);
  const Error error =
      moved ? sys::execute(hook.path.c_str(), argv.data(), envp.data()) : std::move(moved.error());
  static_cast<void>(sys::write_all(2, error.message()));
  ::_exit(127);
}

Result<RunningHook> start_hook(const oci::Hook& hook, const std::string& directory) {
  STASIS_ASSIGN(sys::PipeFds input, sys::make_pipe());
  STASIS_ASSIGN(sys::PipeFds output, sys::make_pipe());
  STASIS_ASSIGN(const HostPid pid, sys::clone_process(0));
  if (pid.value == 0) {
    become_hook(hook, directory, input.read_end.get(), output.write_end.get());
  }
  return RunningHook{pid, std::move(input.write_end), std::move(output.read_end)};
}

// Reads what the hook says until it ends. False: the deadline came first.
Result<bool> collect_output(const RunningHook& hook, int pidfd,
                            std::optional<Clock::time_point> deadline, std::string& said) {
  bool open = true;
  while (true) {
    std::array<pollfd, 2> watched{pollfd{pidfd, POLLIN, 0},
                                  pollfd{open ? hook.output.get() : -1, POLLIN, 0}};
    int wait_ms = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      wait_ms = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    }
    const int ready = ::poll(watched.data(), watched.size(), wait_ms);
    if (ready == 0) return false;
    if (ready < 0) continue;
    if (watched[1].revents != 0) {
      std::array<std::byte, 1024> buffer;
      STASIS_ASSIGN(const std::size_t got, sys::read_some(hook.output.get(), buffer));
      if (got == 0) open = false;
      if (said.size() < kLongestOutput) said.append(reinterpret_cast<char*>(buffer.data()), got);
    } else if (watched[0].revents != 0) {
      return true;
    }
  }
}

Result<void> run_hook(const oci::Hook& hook, const HookCall& call) {
  STASIS_ASSIGN(RunningHook running, start_hook(hook, call.directory));
  STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(running.pid));
  // The state fits a pipe's buffer; a hook that does not read it is no failure.
  static_cast<void>(sys::write_all(running.input.get(), call.state));
  running.input.reset();
  std::optional<Clock::time_point> deadline;
  if (hook.timeout) deadline = Clock::now() + std::chrono::seconds(*hook.timeout);
  std::string said;
  auto ended = collect_output(running, pidfd.get(), deadline, said);
  if (!ended || !*ended) static_cast<void>(sys::kill(running.pid, SIGKILL));
  STASIS_ASSIGN(const sys::ExitStatus status, sys::wait_for_exit(running.pid));
  STASIS_ASSIGN(const bool in_time, std::move(ended));
  if (!in_time) return fail(ErrorKind::kTimeout, "no end within {} s", *hook.timeout);
  if (status == sys::ExitStatus{}) return {};
  const std::string how = status.signal != 0 ? fmt::format("killed by signal {}", status.signal)
                                             : fmt::format("exit status {}", status.code);
  return fail(ErrorKind::kKernel, "{}{}{}", how, said.empty() ? "" : ": ", trim(said));
}

}  // namespace

Result<void> run_hooks(const std::vector<oci::Hook>& hooks, const HookCall& call) {
  if (hooks.empty()) return {};
  // A hook that does not read its input must not kill the runtime.
  std::signal(SIGPIPE, SIG_IGN);
  Result<void> result;
  for (std::size_t i = 0; i < hooks.size() && result; ++i) {
    result = run_hook(hooks[i], call)
                 .context(fmt::format("{} hook {} '{}'", call.kind, i, hooks[i].path));
  }
  std::signal(SIGPIPE, SIG_DFL);
  return result;
}

}  // namespace stasis::runtime
