// Being in another namespace for a while: setns(2) of the calling thread, and back.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace stasis::ns {

// Only for the kinds that concern the calling thread at once and can be left again: network, IPC,
// UTS, cgroup. Destruction goes back, quietly: going back cannot fail while the old one is held.
class EnteredNamespace {
 public:
  // `kind`: one CLONE_NEW bit. CAP_SYS_ADMIN in the namespace's user namespace and in our own.
  static Result<EnteredNamespace> enter(int ns_fd, int kind);
  // A new namespace of that kind, which ends with this unless something else keeps it.
  static Result<EnteredNamespace> enter_new(int kind);
  EnteredNamespace(EnteredNamespace&& other) noexcept = default;
  EnteredNamespace& operator=(EnteredNamespace&&) = delete;
  ~EnteredNamespace();

 private:
  EnteredNamespace(UniqueFd old, int kind) : old_(std::move(old)), kind_(kind) {}

  UniqueFd old_;
  int kind_ = 0;
};

}  // namespace stasis::ns
