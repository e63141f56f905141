#include "base/fault_point.h"

#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace stasis {
namespace {

// Returns when the parent's descriptors are closed, which the kernel does before it hands over its
// children.
void kill_parent() {
  static bool done = false;
  if (std::exchange(done, true))
    return;  // a point that is reached again: another one is parent now
  const pid_t parent = ::getppid();
  ::kill(parent, SIGKILL);
  while (::getppid() == parent) ::usleep(100);
}

}  // namespace

Result<void> reach_fault_point(std::string_view name) {
  const char* wanted = std::getenv("STASIS_FAULT");
  if (wanted == nullptr) return {};
  const std::string_view setting(wanted);
  const auto equals = setting.find('=');
  if (setting.substr(0, equals) != name) return {};
  const auto action = equals == std::string_view::npos ? "fail" : setting.substr(equals + 1);
  if (action == "kill") ::kill(::getpid(), SIGKILL);
  if (action == "kill-parent") kill_parent();
  if (action == "pause") ::kill(::getpid(), SIGSTOP);
  if (action == "fail") return fail(ErrorKind::kKernel, "fault point {}", name);
  return {};
}

}  // namespace stasis
