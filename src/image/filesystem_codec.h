// model/filesystem.h <-> filesystem.proto.
#pragma once

#include "base/result.h"
#include "image/filesystem.pb.h"
#include "model/filesystem.h"

namespace stasis::image {

void encode_tmpfs(const model::TmpfsMount& from, wire::TmpfsMount* to);
Result<model::TmpfsMount> decode_tmpfs(const wire::TmpfsMount& from);

void encode_ghost(const model::GhostFile& from, wire::GhostFile* to);
Result<model::GhostFile> decode_ghost(const wire::GhostFile& from);

}  // namespace stasis::image
