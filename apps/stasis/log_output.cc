#include "log_output.h"

#include <array>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "sys/file.h"

namespace stasis::cli {
namespace {

// Plain values: the sink is a function pointer and outlives main's locals.
int g_log_fd = STDERR_FILENO;
LogFormat g_format = LogFormat::kText;

std::string timestamp() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

void write_line(LogLevel level, std::string_view message) {
  // A log that cannot be written must not fail the command.
  static_cast<void>(
      sys::write_all(g_log_fd, format_log_line(g_format, level, message, timestamp()) + '\n'));
}

}  // namespace

std::string format_log_line(LogFormat format, LogLevel level, std::string_view message,
                            std::string_view time) {
  if (format == LogFormat::kJson) {
    return fmt::format(R"({{"level":"{}","msg":{},"time":"{}"}})", to_string(level),
                       quoted(message), time);
  }
  return fmt::format(R"(time="{}" level={} msg={})", time, to_string(level), quoted(message));
}

Result<void> open_log(const std::string& path, LogFormat format, LogLevel least) {
  g_format = format;
  if (!path.empty()) {
    STASIS_ASSIGN(UniqueFd fd, sys::open(path, O_WRONLY | O_CREAT | O_APPEND, 0644));
    g_log_fd = fd.release();
  }
  set_log_sink(write_line, least);
  return {};
}

}  // namespace stasis::cli
