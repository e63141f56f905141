#include "sys/credentials.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {
namespace {

constexpr unsigned kHighestPossible = 63;

constexpr std::uint64_t bit(unsigned capability) { return std::uint64_t{1} << capability; }

}  // namespace

Result<void> set_groups(std::span<const gid_t> groups) {
  if (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0) {
    return last_error("setgroups of {} groups", groups.size());
  }
  return {};
}

Result<void> set_gid(gid_t gid) {
  if (::syscall(SYS_setresgid, gid, gid, gid) != 0) return last_error("setresgid {}", gid);
  return {};
}

Result<void> set_uid(uid_t uid) {
  if (::syscall(SYS_setresuid, uid, uid, uid) != 0) return last_error("setresuid {}", uid);
  return {};
}

Result<CapabilitySets> get_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return last_error("capget");
  const auto join = [](std::uint32_t low, std::uint32_t high) {
    return std::uint64_t{high} << 32 | low;
  };
  return CapabilitySets{join(data[0].effective, data[1].effective),
                        join(data[0].permitted, data[1].permitted),
                        join(data[0].inheritable, data[1].inheritable)};
}

Result<void> set_capabilities(const CapabilitySets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  for (unsigned half = 0; half < 2; ++half) {
    data[half].effective = static_cast<std::uint32_t>(sets.effective >> (32 * half));
    data[half].permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * half));
    data[half].inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * half));
  }
  if (::syscall(SYS_capset, &header, data) != 0) {
    return last_error("capset effective {:#x} permitted {:#x} inheritable {:#x}", sets.effective,
                      sets.permitted, sets.inheritable);
  }
  return {};
}

std::uint64_t read_bounding_set() {
  std::uint64_t set = 0;
  for (unsigned capability = 0; capability <= kHighestPossible; ++capability) {
    const int held = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break;
    if (held == 1) set |= bit(capability);
  }
  return set;
}

Result<void> limit_bounding_set(std::uint64_t keep) {
  for (unsigned capability = 0; capability <= kHighestPossible; ++capability) {
    const int held = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break;
    if (held == 0 || (keep & bit(capability)) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return last_error("prctl PR_CAPBSET_DROP {}", capability);
    }
  }
  return {};
}

Result<void> set_ambient(std::uint64_t ambient) {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return last_error("prctl PR_CAP_AMBIENT_CLEAR_ALL");
  }
  for (unsigned capability = 0; capability <= kHighestPossible; ++capability) {
    if ((ambient & bit(capability)) == 0) continue;
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) {
      return last_error("prctl PR_CAP_AMBIENT_RAISE {}", capability);
    }
  }
  return {};
}

Result<void> set_keep_capabilities(int on) {
  if (::prctl(PR_SET_KEEPCAPS, on, 0, 0, 0) != 0) return last_error("prctl PR_SET_KEEPCAPS");
  return {};
}

Result<void> set_no_new_privs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return last_error("prctl PR_SET_NO_NEW_PRIVS");
  return {};
}

}  // namespace stasis::sys
