#include "sys/memory_file.h"

#include <sys/mman.h>

#include "sys/call.h"

namespace stasis::sys {

Result<UniqueFd> make_memory_file(const std::string& name) {
  const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC);
  if (fd < 0) return last_error("memfd_create '{}'", name);
  return UniqueFd(fd);
}

}  // namespace stasis::sys
