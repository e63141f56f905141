// The JSON of `stasis inspect --json`. Bytes that are no UTF-8 appear as U+FFFD.
#pragma once

#include <string>

#include "image/report.h"

namespace stasis::cli {

std::string inspect_json(const image::ImageReport& report, const model::Container& container);

}  // namespace stasis::cli
