#include "sys/network_interface.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "sys/call.h"

namespace stasis::sys {

Result<void> bring_interface_up(const std::string& name) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return last_error("socket");
  ifreq request{};
  if (name.size() >= sizeof(request.ifr_name)) {
    return fail(ErrorKind::kInvalidArgument, "interface name '{}' is too long", name);
  }
  name.copy(request.ifr_name, name.size());
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) {
    return last_error("ioctl SIOCGIFFLAGS '{}'", name);
  }
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
    return last_error("ioctl SIOCSIFFLAGS '{}'", name);
  }
  return {};
}

}  // namespace stasis::sys
