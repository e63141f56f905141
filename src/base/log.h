// The log sink. Libraries log at debug level only and return errors; programs set the sink.
// Lines are `message key=value ...`; phases log their duration. Secrets and memory contents never.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace stasis {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

std::string_view to_string(LogLevel level);

using LogSink = void (*)(LogLevel level, std::string_view message);

// Sets the sink for the whole program (not thread safe: called once, at start). Without one,
// nothing is logged.
void set_log_sink(LogSink sink, LogLevel least);
bool log_enabled(LogLevel level);
void write_log(LogLevel level, std::string_view message);

template <class... Args>
void log(LogLevel level, fmt::format_string<Args...> text, Args&&... args) {
  if (log_enabled(level)) write_log(level, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace stasis
