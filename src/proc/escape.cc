#include "proc/escape.h"

#include <cstdint>

#include "base/parse.h"

namespace stasis::proc {

std::string decode_octal(std::string_view text, std::string_view escaped) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && text.size() - at > 3) {
      const auto code = parse_number<std::uint8_t>(text.substr(at + 1, 3), 8);
      if (code && escaped.find(static_cast<char>(*code)) != std::string_view::npos) {
        out += static_cast<char>(*code);
        at += 3;
        continue;
      }
    }
    out += text[at];
  }
  return out;
}

std::string decode_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (text[at] == '\\' && (next == 'n' || next == '\\')) {
      out += next == 'n' ? '\n' : '\\';
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

bool take_deleted_suffix(std::string_view& path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (!path.ends_with(kDeleted)) return false;
  path.remove_suffix(kDeleted.size());
  return true;
}

}  // namespace stasis::proc
