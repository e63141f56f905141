#include "base/duration.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/parse.h"

namespace stasis {
namespace {

// No unit stands after one that it begins with.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},  // the micro sign
    {"\u03bcs", 1'000},  // the Greek letter
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

std::string_view take_digits(std::string_view& text) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  return digits;
}

std::optional<std::int64_t> take_unit(std::string_view& text) {
  for (const auto& [name, nanoseconds] : kUnits) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return nanoseconds;
  }
  return std::nullopt;
}

// "1.5h" off the front of `text`, in nanoseconds.
std::optional<std::int64_t> take_part(std::string_view& text) {
  const auto whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto unit = take_unit(text);
  const auto number =
      whole.empty() ? std::optional<std::int64_t>(0) : parse_number<std::int64_t>(whole);
  if (!unit || !number) return std::nullopt;
  double rest = 0;
  double digit_value = static_cast<double>(*unit);
  for (const char digit : fraction) rest += (digit_value /= 10) * (digit - '0');
  std::int64_t result = 0;
  if (__builtin_mul_overflow(*number, *unit, &result)) return std::nullopt;
  if (__builtin_add_overflow(result, static_cast<std::int64_t>(rest + 0.5), &result)) {
    return std::nullopt;
  }
  return result;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  while (!text.empty()) {
    const auto part = take_part(text);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) return std::nullopt;
  }
  return std::chrono::nanoseconds(negative ? -sum : sum);
}

}  // namespace stasis
