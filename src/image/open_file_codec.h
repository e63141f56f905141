// The open file descriptions of model/open_file.h <-> open_file.proto.
#pragma once

#include "base/result.h"
#include "image/open_file.pb.h"
#include "model/open_file.h"

namespace stasis::image {

void encode_open_file(const model::OpenFile& from, wire::OpenFile* to);
Result<model::OpenFile> decode_open_file(const wire::OpenFile& from);

}  // namespace stasis::image
