// The two metadata sections: model/container.h <-> container.proto and host.proto, as bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "model/container.h"

namespace stasis::image {

inline constexpr std::size_t kMaxMetadataBytes = std::size_t{256} << 20;

std::string encode_host(const model::HostFacts& from);
Result<model::HostFacts> decode_host(std::span<const std::byte> bytes);

// Everything but `host` and `info.uuid`, which lie elsewhere in the file.
// kUnsupported: more than kMaxMetadataBytes.
Result<std::string> encode_container(const model::Container& from);

// The reverse. Unknown fields are skipped. Memory for the messages is limited in proportion to the
// size of the input; kCorruptImage beyond it.
Result<model::Container> decode_container(std::span<const std::byte> bytes);

}  // namespace stasis::image
