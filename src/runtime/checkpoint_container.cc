#include "runtime/checkpoint_container.h"

#include "runtime/container.h"

namespace stasis::runtime {

Result<std::string> checkpoint_container(const StateStore& store,
                                         const CheckpointRequest& request) {
  STASIS_ASSIGN(const Container container, Container::open(store, request.id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status != oci::Status::kRunning && status != oci::Status::kPaused) {
    return fail(ErrorKind::kConflict, "cannot checkpoint container '{}': it is {}", request.id,
                to_string(status));
  }
  return fail(ErrorKind::kUnsupported, "checkpoint: the engine is not part of this build");
}

}  // namespace stasis::runtime
