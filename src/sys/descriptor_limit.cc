#include "sys/descriptor_limit.h"

#include <sys/resource.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> allow_descriptors(std::uint64_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return last_error("getrlimit RLIMIT_NOFILE");
  if (limit.rlim_cur >= count) return {};
  if (limit.rlim_max < count) {
    return fail(ErrorKind::kUnsupported,
                "{} descriptors are needed at once, and at most {} are allowed; raise the hard "
                "limit of open files (ulimit -Hn)",
                count, limit.rlim_max);
  }
  limit.rlim_cur = count;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
    return last_error("setrlimit RLIMIT_NOFILE {}", count);
  return {};
}

}  // namespace stasis::sys
