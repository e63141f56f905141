// model/data.h <-> data.proto.
#pragma once

#include <vector>

#include "base/result.h"
#include "image/data.pb.h"
#include "model/data.h"

namespace stasis::image {

void encode_extents(const std::vector<model::DataExtent>& from, wire::Extents* to);
Result<std::vector<model::DataExtent>> decode_extents(const wire::Extents& from);

void encode_content(const model::Content& from, wire::Content* to);
Result<model::Content> decode_content(const wire::Content& from);

}  // namespace stasis::image
