// The processes of model/task.h <-> task.proto.
#pragma once

#include "base/result.h"
#include "image/task.pb.h"
#include "model/task.h"

namespace stasis::image {

void encode_process(const model::Process& from, wire::Process* to);
Result<model::Process> decode_process(const wire::Process& from);

}  // namespace stasis::image
