// What a worker process tells the command over their pipe: a text or an Error, as bytes.
//
//   "ok" | "error" KIND ERRNO, then the length of the text, a newline, and the text
//
// Not here: the process itself (runtime/worker.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stasis::runtime {

std::string encode_report(const Result<std::string>& report);
// Nothing when the bytes are not a whole report: the worker ended before it had written one.
std::optional<Result<std::string>> decode_report(std::string_view bytes);

}  // namespace stasis::runtime
