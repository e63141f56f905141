// model/socket.h <-> socket.proto.
#pragma once

#include "base/result.h"
#include "image/socket.pb.h"
#include "model/socket.h"

namespace stasis::image {

void encode_socket(const model::Socket& from, wire::Socket* to);
Result<model::Socket> decode_socket(const wire::Socket& from);

}  // namespace stasis::image
