// Named points at which a test can fail, stop or kill the program; nothing in release builds.
//
//   STASIS_FAULT_POINT("checkpoint.after_freeze");
//
// The environment names one: STASIS_FAULT=NAME=fail (the function returns an Error of kind kKernel
// "fault point NAME"), NAME=kill (SIGKILL to the whole process), NAME=kill-parent (SIGKILL to its
// parent, then it goes on once that has ended), NAME=pause (SIGSTOP to itself).
#pragma once

#include <string_view>

#include "base/result.h"

namespace stasis {

Result<void> reach_fault_point(std::string_view name);

}  // namespace stasis

#ifdef STASIS_FAULT_POINTS
#define STASIS_FAULT_POINT(name) STASIS_TRY(::stasis::reach_fault_point(name))
#else
#define STASIS_FAULT_POINT(name) static_cast<void>(0)
#endif
