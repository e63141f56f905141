#include "runtime/prepare_restore.h"

#include "sys/file.h"

namespace stasis::runtime {

Result<void> PreparedContainer::announce_file(const std::string& path) {
  STASIS_TRY(launched_.guardian->watch_file(path));
  launched_.undo.push([path] { static_cast<void>(sys::unlink_at(sys::kCwd, path)); });
  return {};
}

Result<PreparedContainer> prepare_for_restore(const StateStore& store, const Bundle& bundle,
                                              const PrepareOptions& options) {
  STASIS_ASSIGN(LaunchedContainer launched, launch(store, bundle,
                                                   {.id = options.id,
                                                    .root_change = options.root_change,
                                                    .gate = Gate::kRestore,
                                                    .time_offsets = options.time_offsets,
                                                    .init_number = options.init_number}));
  return PreparedContainer(std::move(launched));
}

}  // namespace stasis::runtime
