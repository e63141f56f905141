// Strict text parsing for kernel files: no sscanf, no atoi, no defaults.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <vector>

namespace stasis {

// The whole of `text` as a number in `base`: nothing when empty, out of range or with any trailing
// character (also no leading white space, no "+", no "0x").
template <std::integral T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [ptr, ec] = std::from_chars(text.data(), end, value, base);
  if (ec != std::errc{} || ptr != end || text.empty()) return std::nullopt;
  return value;
}

// Lines without their '\n'; a last line without one counts, an empty text has none.
std::vector<std::string_view> split_lines(std::string_view text);
// Fields between single separators ("a::b" has three).
std::vector<std::string_view> split(std::string_view text, char separator);
// Fields between runs of blanks and tabs; none are empty.
std::vector<std::string_view> split_blank(std::string_view text);
std::string_view trim(std::string_view text);
// Takes the next blank-separated word off the front of `text` ("" at the end).
std::string_view take_word(std::string_view& text);

}  // namespace stasis
