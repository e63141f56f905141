#include "runtime/seccomp_listener.h"

#include <array>

#include "base/parse.h"
#include "oci/state.h"
#include "sys/child_process.h"
#include "sys/fd_passing.h"
#include "sys/process.h"
#include "sys/process_settings.h"

namespace stasis::runtime {

Result<void> load_with_listener(const SeccompProgram& program, const InitChannel& channel) {
  STASIS_ASSIGN(const UniqueFd listener,
                sys::load_seccomp_filter(program.instructions, program.flags));
  STASIS_TRY(channel.write(Message::kListener, std::to_string(listener.get())));
  STASIS_TRY(channel.expect(Message::kContinue));
  return {};
}

Result<void> hand_listener_over(const SeccompProgram& program, const InitChannel& channel,
                                HostPid pid, const std::string& state) {
  STASIS_ASSIGN(const Received announced, channel.expect(Message::kListener));
  const auto number = parse_number<int>(announced.text);
  if (!number) {
    return fail(ErrorKind::kKernel, "'{}' from the container's process where a descriptor was due",
                announced.text);
  }
  STASIS_ASSIGN(const UniqueFd pidfd, sys::pidfd_open(pid));
  STASIS_ASSIGN(const UniqueFd listener, sys::pidfd_getfd(pidfd.get(), *number));
  const auto give = [&]() -> Result<void> {
    STASIS_ASSIGN(const UniqueFd agent, sys::connect_unix(program.listener->path));
    STASIS_ASSIGN(const std::string text, oci::encode_process_state(
                                              state, pid.value, program.listener->metadata));
    const std::array<int, 1> fds{listener.get()};
    return sys::send_fds(agent.get(), text, fds);
  };
  STASIS_TRY(give().context("linux.seccomp.listenerPath"));
  return channel.send(Message::kContinue);
}

}  // namespace stasis::runtime
