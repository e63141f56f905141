#include "runtime/restore_container.h"

#include "runtime/bundle.h"
#include "runtime/prepare_restore.h"

namespace stasis::runtime {

Result<int> restore_container(const StateStore& store, const RestoreRequest& request) {
  STASIS_ASSIGN(const Bundle bundle, load_bundle(request.bundle));
  STASIS_TRY(check_console(*bundle.spec.process, request.attachment, request.console_socket));
  STASIS_ASSIGN(PreparedContainer prepared,
                prepare_for_restore(store, bundle, {request.id, request.root_change, {}}));
  return fail(ErrorKind::kUnsupported, "restore: the engine is not part of this build");
}

}  // namespace stasis::runtime
