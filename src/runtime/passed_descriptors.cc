#include "runtime/passed_descriptors.h"

#include <cstdlib>
#include <optional>
#include <string_view>

#include <unistd.h>

#include "base/parse.h"
#include "sys/child_process.h"

namespace stasis::runtime {
namespace {

constexpr unsigned kFirst = 3;

std::optional<std::string_view> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

// How many sockets somebody hands to this program; 0 for variables that are meant for another.
unsigned count_of_listeners() {
  const auto pid = parse_number<pid_t>(variable("LISTEN_PID").value_or(""));
  if (pid != ::getpid() && pid != 1) return 0;
  return parse_number<unsigned>(variable("LISTEN_FDS").value_or("")).value_or(0);
}

Result<void> check_open(unsigned from, unsigned count, std::string_view promise) {
  for (unsigned i = 0; i < count; ++i) {
    STASIS_ASSIGN(const bool inherited, sys::is_inherited_fd(static_cast<int>(from + i)));
    if (inherited) continue;
    return fail(ErrorKind::kInvalidArgument, "{} {}: descriptor {} is not open", promise, count,
                from + i);
  }
  return {};
}

}  // namespace

Result<PassedDescriptors> pass_to_init(unsigned preserved) {
  const unsigned listeners = count_of_listeners();
  STASIS_TRY(check_open(kFirst, listeners, "LISTEN_FDS"));
  STASIS_TRY(check_open(kFirst + listeners, preserved, "--preserve-fds"));
  PassedDescriptors passed{.count = listeners + preserved, .env = {}};
  if (listeners == 0) return passed;
  passed.env = {fmt::format("LISTEN_FDS={}", listeners), "LISTEN_PID=1"};
  if (const auto names = variable("LISTEN_FDNAMES")) {
    passed.env.push_back(fmt::format("LISTEN_FDNAMES={}", *names));
  }
  return passed;
}

Result<PassedDescriptors> pass_to_exec(unsigned preserved) {
  STASIS_TRY(check_open(kFirst, preserved, "--preserve-fds"));
  return PassedDescriptors{.count = preserved, .env = {}};
}

}  // namespace stasis::runtime
