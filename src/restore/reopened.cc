#include "restore/reopened.h"

#include <fcntl.h>

#include <fmt/format.h>

#include "sys/descriptor.h"
#include "sys/file.h"

namespace stasis::restore {
namespace {

constexpr std::uint32_t kKept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_DSYNC | O_SYNC | O_DIRECT |
                                O_DIRECTORY | O_NOATIME | O_PATH;

}  // namespace

Result<UniqueFd> reopen(int handle, std::uint32_t flags) {
  // O_TMPFILE, which the kernel goes on to tell of the file that was made by it, is O_DIRECTORY and
  // another bit.
  if ((flags & O_TMPFILE) == O_TMPFILE) flags &= ~static_cast<std::uint32_t>(O_TMPFILE);
  return sys::open(fmt::format("/proc/self/fd/{}", handle),
                   static_cast<int>((flags & kKept) | O_NOCTTY));
}

Result<UniqueFd> reopen_at_position(int handle, const model::OpenFile& file) {
  STASIS_ASSIGN(UniqueFd fd, reopen(handle, file.flags));
  const bool seek = file.position != 0 && (file.flags & O_PATH) == 0;
  if (seek) STASIS_TRY(sys::set_position(fd.get(), file.position));
  return fd;
}

}  // namespace stasis::restore
