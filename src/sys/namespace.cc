#include "sys/namespace.h"

#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/call.h"

namespace stasis::sys {

Result<void> unshare(int flags) {
  if (::unshare(flags) != 0) return last_error("unshare {:#x}", flags);
  return {};
}

Result<void> set_ns(int ns_fd, int kind) {
  if (::setns(ns_fd, kind) != 0) return last_error("setns fd {} kind {:#x}", ns_fd, kind);
  return {};
}

Result<int> get_ns_kind(int ns_fd) {
  const int kind = ::ioctl(ns_fd, NS_GET_NSTYPE);
  if (kind < 0) return last_error("ioctl NS_GET_NSTYPE fd {}", ns_fd);
  return kind;
}

Result<void> set_hostname(const std::string& name) {
  if (::sethostname(name.data(), name.size()) != 0) return last_error("sethostname '{}'", name);
  return {};
}

Result<void> set_domainname(const std::string& name) {
  if (::setdomainname(name.data(), name.size()) != 0) return last_error("setdomainname '{}'", name);
  return {};
}

}  // namespace stasis::sys
