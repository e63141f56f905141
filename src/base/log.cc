#include "base/log.h"

namespace stasis {
namespace {

LogSink g_sink = nullptr;
LogLevel g_least = LogLevel::kInfo;

}  // namespace

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

void set_log_sink(LogSink sink, LogLevel least) {
  g_sink = sink;
  g_least = least;
}

bool log_enabled(LogLevel level) { return g_sink != nullptr && level >= g_least; }

void write_log(LogLevel level, std::string_view message) {
  if (log_enabled(level)) g_sink(level, message);
}

}  // namespace stasis
