// model/network.h <-> network.proto.
#pragma once

#include "base/result.h"
#include "image/network.pb.h"
#include "model/network.h"

namespace stasis::image {

void encode_network(const model::Network& from, wire::Network* to);
Result<model::Network> decode_network(const wire::Network& from);

}  // namespace stasis::image
