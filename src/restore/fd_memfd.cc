#include "restore/fd_kinds.h"
#include "restore/reopened.h"

namespace stasis::restore {

Result<UniqueFd> open_memfd(const FileContext& context, const model::OpenFile& file,
                            const model::MemfdFile& detail) {
  const auto* handles = context.environment.shared_memory;
  if (handles == nullptr || detail.shared_memory >= handles->size()) {
    return fail(ErrorKind::kConflict, "shared memory {} has not been restored",
                detail.shared_memory);
  }
  return reopen_at_position((*handles)[detail.shared_memory].get(), file);
}

}  // namespace stasis::restore
