// model/ipc.h <-> ipc.proto.
#pragma once

#include "base/result.h"
#include "image/ipc.pb.h"
#include "model/ipc.h"

namespace stasis::image {

void encode_ipc(const model::Ipc& from, wire::Ipc* to);
Result<model::Ipc> decode_ipc(const wire::Ipc& from);

}  // namespace stasis::image
