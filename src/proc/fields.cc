#include "proc/fields.h"

namespace stasis::proc {

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 64;
  std::string out = "'";
  for (const char c : text.substr(0, kMost)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += text.size() > kMost ? "...'" : "'";
  return out;
}

std::string_view number_word(int base) {
  switch (base) {
    case 8:
      return "an octal number";
    case 16:
      return "a hexadecimal number";
    default:
      return "a decimal number";
  }
}

Error unexpected(std::string_view file, std::size_t line, std::string_view name,
                 std::string_view expected, std::string_view found) {
  return fail(ErrorKind::kUnsupported, "{} line {}: {}: expected {}, found {}", file, line, name,
              expected, quoted(found));
}

Fields& Fields::word(std::string_view name, std::string_view& into) {
  if (error_) return *this;
  const auto text = take_word(rest_);
  if (text.empty()) {
    error_ = fail(ErrorKind::kUnsupported, "{} line {}: {}: expected a field, found end of line",
                  file_, number_, name);
    return *this;
  }
  into = text;
  return *this;
}

Fields& Fields::word(std::string_view name, std::string& into) {
  std::string_view text;
  if (word(name, text).ok()) into = text;
  return *this;
}

Fields& Fields::literal(std::string_view text) {
  std::string_view found;
  if (word(text, found).ok() && found != text) {
    error_ = fail(ErrorKind::kUnsupported, "{} line {}: expected {}, found {}", file_, number_,
                  quoted(text), quoted(found));
  }
  return *this;
}

Fields& Fields::tagged(std::string_view tag, std::string_view& into) {
  std::string_view text;
  if (!word(tag, text).ok()) return *this;
  if (!text.starts_with(tag) || !text.substr(tag.size()).starts_with(':')) {
    return wrong(tag, "'" + std::string(tag) + ":'", text);
  }
  text.remove_prefix(tag.size() + 1);
  if (text.empty()) return word(tag, into);
  into = text;
  return *this;
}

Fields& Fields::rest(std::string_view& into) {
  if (error_) return *this;
  const auto first = rest_.find_first_not_of(" \t");
  rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  into = std::exchange(rest_, {});
  return *this;
}

Fields& Fields::end() {
  std::string_view left;
  rest(left);
  if (!error_ && !left.empty()) {
    error_ = fail(ErrorKind::kUnsupported, "{} line {}: expected end of line, found {}", file_,
                  number_, quoted(left));
  }
  return *this;
}

Fields& Fields::wrong(std::string_view name, std::string_view expected, std::string_view found) {
  if (!error_) error_ = unexpected(file_, number_, name, expected, found);
  return *this;
}

Result<void> Fields::done() {
  if (error_) return std::move(*error_);
  return {};
}

std::optional<KeyValue> split_key(std::string_view line) {
  const auto at = line.find(':');
  if (at == std::string_view::npos) return std::nullopt;
  return KeyValue{line.substr(0, at), trim(line.substr(at + 1))};
}

Error missing_line(std::string_view file, std::string_view key) {
  return fail(ErrorKind::kUnsupported, "{}: no line '{}'", file, key);
}

}  // namespace stasis::proc
