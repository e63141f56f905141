// model/memory.h <-> memory.proto.
#pragma once

#include "base/result.h"
#include "image/memory.pb.h"
#include "model/memory.h"

namespace stasis::image {

void encode_address_space(const model::AddressSpace& from, wire::AddressSpace* to);
Result<model::AddressSpace> decode_address_space(const wire::AddressSpace& from);

void encode_mapped_file(const model::MappedFile& from, wire::MappedFile* to);
Result<model::MappedFile> decode_mapped_file(const wire::MappedFile& from);

void encode_shared_memory(const model::SharedMemory& from, wire::SharedMemory* to);
Result<model::SharedMemory> decode_shared_memory(const wire::SharedMemory& from);

}  // namespace stasis::image
