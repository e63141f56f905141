// A bundle of busybox in a user namespace of its own, whose root is another on the host.
#pragma once

#include "integration/support/bundle.h"

namespace stasis::test {

// Two ranges of uids, one of gids: container 0-999 are host uids 100000-100999, from 1000 on they
// are 300000 and so forth; gids begin at 200000.
inline constexpr unsigned kRootUid = 100'000;
inline constexpr unsigned kUserUid = 300'000;
inline constexpr unsigned kRootGid = 200'000;

// Adds the namespace and the ranges, and gives what is written to in the root to its root.
void use_user_namespace(Bundle& bundle);

}  // namespace stasis::test
