#include "trace/vdso_mapping.h"

#include <algorithm>

#include "proc/maps.h"

namespace stasis::trace {

Result<VdsoMapping> find_vdso(const proc::ProcDir& dir) {
  STASIS_ASSIGN(const auto maps, proc::read_maps(dir));
  const auto vdso = std::ranges::find(maps, "[vdso]", &proc::Mapping::path);
  if (vdso == maps.end()) {
    return fail(ErrorKind::kUnsupported, "{} has no vDSO", dir.name());
  }
  return VdsoMapping{RemoteAddr{vdso->start}, RemoteAddr{vdso->end}};
}

}  // namespace stasis::trace
