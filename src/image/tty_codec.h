// The pipes and terminals of model/open_file.h <-> open_file.proto.
#pragma once

#include "base/result.h"
#include "image/open_file.pb.h"
#include "model/open_file.h"

namespace stasis::image {

void encode_pipe(const model::Pipe& from, wire::Pipe* to);
Result<model::Pipe> decode_pipe(const wire::Pipe& from);

void encode_tty(const model::Tty& from, wire::Tty* to);
Result<model::Tty> decode_tty(const wire::Tty& from);

}  // namespace stasis::image
