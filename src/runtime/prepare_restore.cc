#include "runtime/prepare_restore.h"

namespace stasis::runtime {

Result<PreparedContainer> prepare_for_restore(const StateStore& store, const Bundle& bundle,
                                              const PrepareOptions& options) {
  STASIS_ASSIGN(LaunchedContainer launched, launch(store, bundle,
                                                   {.id = options.id,
                                                    .root_change = options.root_change,
                                                    .gate = Gate::kRestore,
                                                    .time_offsets = options.time_offsets}));
  return PreparedContainer(std::move(launched));
}

}  // namespace stasis::runtime
