// Handles of namespaces (/proc/PID/ns/KIND): those of the container itself are found again.
#include <variant>

#include <fmt/format.h>

#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {

Result<void> collect_namespace(FileContext& context, std::uint32_t file) {
  const auto& link = std::get<proc::NamespaceLink>(context.files[file].link);
  STASIS_ASSIGN(const auto own, proc::read_namespace(*context.init, link.kind));
  if (own != link.inode) {
    context.block(file, fmt::format("a {} namespace that is not the container's own", link.kind),
                  "close it before the checkpoint");
    return {};
  }
  context.model_of(file).detail = model::NamespaceFile{link.kind};
  return {};
}

}  // namespace stasis::checkpoint
