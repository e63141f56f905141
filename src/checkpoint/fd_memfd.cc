// Memory with a descriptor: its content is saved with that of the mappings of it (objects.h).
#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"
#include "checkpoint/objects.h"

namespace stasis::checkpoint {

Result<void> collect_memfd(FileContext& context, std::uint32_t file) {
  const auto& found = context.files[file];
  if (context.objects == nullptr || !context.objects->is_shared_memory(found.status)) {
    return collect_unsupported(context, file);
  }
  STASIS_ASSIGN(const auto shared_memory, context.objects->shared_memory_of(found.fd.get()));
  context.model_of(file).detail = model::MemfdFile{shared_memory};
  return {};
}

}  // namespace stasis::checkpoint
