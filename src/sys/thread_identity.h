// Acting as somebody else in one thread alone, with all capabilities kept: setresuid(2),
// setresgid(2), setgroups(2) as raw system calls (the C library's change all threads), prctl(2)
// PR_SET_SECUREBITS.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace stasis::sys {

// From here on changes of the effective uid leave the capabilities of the calling thread as they
// are (SECBIT_NO_SETUID_FIXUP), and it has no supplementary groups. CAP_SETPCAP, CAP_SETGID.
Result<void> detach_capabilities_from_uid();

// Effective ids of the calling thread, after detach_capabilities_from_uid(). CAP_SETUID,
// CAP_SETGID. EINVAL: the id has no mapping in the user namespace. The process stays as dumpable as
// it was, which a change of ids alone would end.
Result<void> set_thread_identity(std::uint32_t uid, std::uint32_t gid);

}  // namespace stasis::sys
