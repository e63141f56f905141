#include <fcntl.h>

#include "checkpoint/fd_kinds.h"

namespace stasis::checkpoint {

Result<void> collect_pidfd(FileContext& context, std::uint32_t file) {
  constexpr std::uint32_t kThread = O_EXCL;  // PIDFD_THREAD, Linux 6.9
  const auto& info = context.files[file].info.pidfd;
  if (!info) return fail(ErrorKind::kUnsupported, "this kernel does not tell whose a pidfd is");
  if ((context.model_of(file).flags & kThread) != 0) {
    context.block(file, "a pidfd of a thread", "close it before the checkpoint");
    return {};
  }
  if (info->pid.value == -1) {
    context.block(file, "a pidfd of a process that has ended", "close it before the checkpoint");
    return {};
  }
  // The process may be found later than its pidfd: finish_pidfds().
  context.model_of(file).detail = model::PidFdFile{};
  return {};
}

Result<void> finish_pidfds(FileContext& context) {
  for (std::uint32_t file = 0; file < context.files.size(); ++file) {
    auto* pidfd = std::get_if<model::PidFdFile>(&context.model_of(file).detail);
    if (pidfd == nullptr) continue;
    const auto found = context.processes.find(context.files[file].info.pidfd->pid);
    if (found == context.processes.end()) {
      context.block(file, "a pidfd of a process outside of the container",
                    "close it before the checkpoint");
    } else {
      pidfd->pid = found->second;
    }
  }
  return {};
}

}  // namespace stasis::checkpoint
