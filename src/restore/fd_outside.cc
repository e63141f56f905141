// Files whose handles others provide: the caller's standard descriptors.
#include <fmt/format.h>

#include "restore/fd_kinds.h"
#include "sys/file.h"

namespace stasis::restore {

Result<UniqueFd> open_external(const FileContext& context, const model::ExternalFile& detail) {
  const auto& stdio = context.environment.stdio;
  const auto number = static_cast<std::size_t>(detail.stdio);
  const int source = number < stdio.size() ? stdio[number] : -1;
  if (source < 0) {
    return fail(ErrorKind::kInvalidArgument,
                "'{}' came from outside of the container, and there is no descriptor {} to take "
                "its place",
                detail.description, detail.stdio);
  }
  return sys::dup_fd(source).context(fmt::format(
      "'{}' came from outside of the container, and is replaced by the caller's descriptor {}",
      detail.description, detail.stdio));
}

}  // namespace stasis::restore
