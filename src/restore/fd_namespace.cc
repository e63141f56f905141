#include <fcntl.h>

#include <fmt/format.h>

#include "proc/proc_dir.h"
#include "restore/fd_kinds.h"

namespace stasis::restore {

Result<UniqueFd> open_namespace(const FileContext& context, const model::NamespaceFile& detail) {
  STASIS_ASSIGN(const auto init, proc::ProcDir::open(context.environment.init));
  return init.open_file(fmt::format("ns/{}", detail.kind), O_RDONLY);
}

}  // namespace stasis::restore
