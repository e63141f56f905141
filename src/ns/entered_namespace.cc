#include "ns/entered_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <string_view>

#include "sys/file.h"
#include "sys/namespace.h"

namespace stasis::ns {
namespace {

std::string_view name_of(int kind) {
  switch (kind) {
    case CLONE_NEWNET:
      return "net";
    case CLONE_NEWIPC:
      return "ipc";
    case CLONE_NEWUTS:
      return "uts";
    case CLONE_NEWCGROUP:
      return "cgroup";
    default:
      return "";
  }
}

Result<UniqueFd> open_current(int kind) {
  const auto name = name_of(kind);
  if (name.empty()) {
    return fail(ErrorKind::kInvalidArgument, "namespace kind {:#x} cannot be left again", kind);
  }
  return sys::open(fmt::format("/proc/thread-self/ns/{}", name), O_RDONLY);
}

}  // namespace

Result<EnteredNamespace> EnteredNamespace::enter(int ns_fd, int kind) {
  STASIS_ASSIGN(auto old, open_current(kind));
  STASIS_TRY(sys::set_ns(ns_fd, kind));
  return EnteredNamespace(std::move(old), kind);
}

Result<EnteredNamespace> EnteredNamespace::enter_new(int kind) {
  STASIS_ASSIGN(auto old, open_current(kind));
  STASIS_TRY(sys::unshare(kind));
  return EnteredNamespace(std::move(old), kind);
}

EnteredNamespace::~EnteredNamespace() {
  if (old_) static_cast<void>(sys::set_ns(old_.get(), kind_));
}

}  // namespace stasis::ns
