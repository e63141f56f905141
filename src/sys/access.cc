#include "sys/access.h"

#include <fcntl.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> check_access(const std::string& path, int mode) {
  if (::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) != 0) {
    return last_error("access '{}'", path);
  }
  return {};
}

}  // namespace stasis::sys
