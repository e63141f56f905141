#include "runtime/worker_report.h"

#include "base/parse.h"

namespace stasis::runtime {
namespace {

constexpr std::string_view kOk = "ok";
constexpr std::string_view kError = "error";
constexpr int kLastKind = static_cast<int>(ErrorKind::kKernel);

}  // namespace

std::string encode_report(const Result<std::string>& report) {
  if (report) return fmt::format("{} {}\n{}", kOk, report->size(), *report);
  const Error& error = report.error();
  return fmt::format("{} {} {} {}\n{}", kError, static_cast<int>(error.kind()),
                     error.error_number(), error.message().size(), error.message());
}

std::optional<Result<std::string>> decode_report(std::string_view bytes) {
  const auto end = bytes.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view line = bytes.substr(0, end);
  const std::string_view text = bytes.substr(end + 1);
  const std::string_view what = take_word(line);
  std::optional<int> kind, error_number;
  if (what == kError) {
    kind = parse_number<int>(take_word(line));
    error_number = parse_number<int>(take_word(line));
    if (!kind || !error_number || *kind < 0 || *kind > kLastKind) return std::nullopt;
  } else if (what != kOk) {
    return std::nullopt;
  }
  if (parse_number<std::size_t>(take_word(line)) != text.size()) return std::nullopt;
  if (!kind) return Result<std::string>(std::string(text));
  return Result<std::string>(
      Error(static_cast<ErrorKind>(*kind), std::string(text), *error_number));
}

}  // namespace stasis::runtime
