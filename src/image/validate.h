// The rules of docs/IMAGE-FORMAT.md that hold between fields: references, ranges, order, names.
// What passes can be indexed and read without another check.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/container.h"

namespace stasis::image {

// kCorruptImage names the first element that breaks a rule: "process 3 (pid 12): area 7: ...".
// `data_bytes` is the length of the data area. Pure.
Result<void> validate(const model::Container& container, std::uint64_t data_bytes);

}  // namespace stasis::image
