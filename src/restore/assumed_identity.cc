#include "restore/assumed_identity.h"

#include <unistd.h>

#include "sys/thread_identity.h"

namespace stasis::restore {

Result<AssumedIdentity> AssumedIdentity::assume(
    const std::optional<model::SocketCredentials>& who) {
  const Ids now{::geteuid(), ::getegid()};
  if (!who || (who->uid == now.uid && who->gid == now.gid)) return AssumedIdentity(std::nullopt);
  AssumedIdentity assumed(now);  // already: the second of the two changes may fail
  STASIS_TRY(sys::set_thread_identity(who->uid, who->gid));
  return assumed;
}

AssumedIdentity::~AssumedIdentity() {
  if (before_) static_cast<void>(sys::set_thread_identity(before_->uid, before_->gid));
}

}  // namespace stasis::restore
