#include "proc/settings.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

// A file with one line and one field.
template <class T>
Result<T> parse_only_field(std::string_view file, std::string_view text, int base) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  T value{};
  STASIS_TRY(Fields(file, 1, text).number("value", value, base).end().done());
  return value;
}

Result<std::uint32_t> read_word(const ProcDir& dir, const std::string& file) {
  STASIS_ASSIGN(const auto text, dir.read(file));
  return parse_only_field<std::uint32_t>(file, text, 16).context(dir.name());
}

}  // namespace

Result<std::uint64_t> parse_setting(std::string_view file, std::string_view text, int base) {
  return parse_only_field<std::uint64_t>(file, text, base);
}

Result<std::int32_t> parse_signed_setting(std::string_view file, std::string_view text) {
  return parse_only_field<std::int32_t>(file, text, 10);
}

Result<std::uint32_t> read_personality(const ProcDir& dir) { return read_word(dir, "personality"); }

Result<std::int32_t> read_oom_score_adj(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("oom_score_adj"));
  return parse_signed_setting("oom_score_adj", text).context(dir.name());
}

Result<std::uint32_t> read_coredump_filter(const ProcDir& dir) {
  return read_word(dir, "coredump_filter");
}

}  // namespace stasis::proc
