// Where the vDSO of a process lies.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "proc/proc_dir.h"

namespace stasis::trace {

struct VdsoMapping {
  RemoteAddr start;
  RemoteAddr end;
};

// From /proc/PID/maps. kUnsupported: the process has none (it unmapped it, or vdso=0).
Result<VdsoMapping> find_vdso(const proc::ProcDir& dir);

}  // namespace stasis::trace
