// Builds the address space of one process, from inside it, through its courier.
#pragma once

#include <optional>

#include "base/result.h"
#include "courier/fd_channel.h"
#include "image/reader.h"
#include "restore/live_task.h"
#include "restore/shared_objects.h"

namespace stasis::restore {

struct AddressSpaceInputs {
  const image::ImageReader* image = nullptr;
  const SharedObjects* objects = nullptr;
  courier::CourierPages pages;
};

// What the task has now is its parent's restored memory (`parent`), of which everything that is the
// same stays, shared copy-on-write; or another program's, which goes. The task has no descriptors
// but the channel, and gets some that the caller closes. Gives the new place of a `syscall`
// instruction.
Result<RemoteAddr> restore_address_space(LiveTask& task, const courier::FdChannel& channel,
                                         const AddressSpaceInputs& inputs, std::size_t process,
                                         std::optional<std::size_t> parent);

}  // namespace stasis::restore
