// Who a process is: setresuid(2), setresgid(2), setgroups(2), capget(2), capset(2), and the
// prctl(2) operations on capabilities. All concern the calling thread alone when called as raw
// system calls; here the caller has one thread.
#pragma once

#include <cstdint>
#include <span>

#include <sys/types.h>

#include "base/result.h"

namespace stasis::sys {

Result<void> set_groups(std::span<const gid_t> groups);
// Real, effective and saved id at once.
Result<void> set_gid(gid_t gid);
Result<void> set_uid(uid_t uid);

// One bit per capability number.
struct CapabilitySets {
  std::uint64_t effective = 0, permitted = 0, inheritable = 0;
  bool operator==(const CapabilitySets&) const = default;
};
Result<CapabilitySets> get_capabilities();
Result<void> set_capabilities(const CapabilitySets& sets);

// The bounding set of the calling thread, of as many capabilities as the kernel knows.
std::uint64_t read_bounding_set();
// Drops from the bounding set what is not in `keep`. CAP_SETPCAP.
Result<void> limit_bounding_set(std::uint64_t keep);
// Replaces the ambient set. EPERM: a capability that is not both permitted and inheritable.
Result<void> set_ambient(std::uint64_t ambient);
// Permitted capabilities survive the next change of all uids from 0.
Result<void> set_keep_capabilities(int on);
Result<void> set_no_new_privs();

}  // namespace stasis::sys
