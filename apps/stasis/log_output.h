// Where log lines and the final error go: standard error, or the file of --log alone, as text or
// as one JSON object a line, in the shape that container shims parse.
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/result.h"

namespace stasis::cli {

enum class LogFormat { kText, kJson };

// Installs the sink. An empty `path` is standard error; a file is appended to.
Result<void> open_log(const std::string& path, LogFormat format, LogLevel least);

// One line, without its newline; `time` is RFC 3339.
std::string format_log_line(LogFormat format, LogLevel level, std::string_view message,
                            std::string_view time);

}  // namespace stasis::cli
