#include "sys/thread_identity.h"

#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> detach_capabilities_from_uid() {
  const int bits = ::prctl(PR_GET_SECUREBITS);
  if (bits < 0) return last_error("prctl PR_GET_SECUREBITS");
  if (::prctl(PR_SET_SECUREBITS, static_cast<unsigned long>(bits) | SECBIT_NO_SETUID_FIXUP) != 0) {
    return last_error("prctl PR_SET_SECUREBITS {:#x}", bits | SECBIT_NO_SETUID_FIXUP);
  }
  if (::syscall(SYS_setgroups, 0, nullptr) != 0) return last_error("setgroups to none");
  return {};
}

Result<void> set_thread_identity(std::uint32_t uid, std::uint32_t gid) {
  const int dumpable = ::prctl(PR_GET_DUMPABLE);
  if (::syscall(SYS_setresgid, -1, gid, -1) != 0) return last_error("setresgid effective {}", gid);
  if (::syscall(SYS_setresuid, -1, uid, -1) != 0) return last_error("setresuid effective {}", uid);
  if (dumpable == 1) ::prctl(PR_SET_DUMPABLE, 1);
  return {};
}

}  // namespace stasis::sys
