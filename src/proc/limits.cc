#include "proc/limits.h"

#include <array>

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "limits";

// fs/proc/base.c lnames, in the order of RLIMIT_CPU (0) to RLIMIT_RTTIME (15).
constexpr std::array<std::string_view, 16> kNames = {
    "Max cpu time",       "Max file size",     "Max data size",         "Max stack size",
    "Max core file size", "Max resident set",  "Max processes",         "Max open files",
    "Max locked memory",  "Max address space", "Max file locks",        "Max pending signals",
    "Max msgqueue size",  "Max nice priority", "Max realtime priority", "Max realtime timeout"};

// Names are padded to 25 columns and hold single blanks themselves.
bool starts_with_name(std::string_view line, std::string_view name) {
  return line.starts_with(name) && line.substr(name.size()).starts_with(' ');
}

void parse_value(Fields& fields, std::string_view name, std::uint64_t& into) {
  std::string_view text;
  fields.word(name, text);
  if (text == "unlimited") {
    into = UINT64_MAX;
  } else {
    fields.number_of(name, text, into);
  }
}

}  // namespace

Result<std::vector<Limit>> parse_limits(std::string_view text) {
  const auto lines = split_lines(text);
  if (lines.empty() || !lines[0].starts_with("Limit ")) {
    return unexpected(kFile, 1, "heading", "'Limit ...'", lines.empty() ? "" : lines[0]);
  }
  std::vector<Limit> limits;
  for (std::size_t number = 1; number < lines.size() && limits.size() < kNames.size(); ++number) {
    const auto line = lines[number];
    const auto name = kNames[limits.size()];
    if (!starts_with_name(line, name)) {
      return unexpected(kFile, number + 1, "name", quoted(name), line);
    }
    Fields fields(kFile, number + 1, line.substr(name.size()));
    Limit limit;
    parse_value(fields, "soft limit", limit.soft);
    parse_value(fields, "hard limit", limit.hard);
    STASIS_TRY(fields.done());
    limits.push_back(limit);
  }
  if (limits.size() < kNames.size()) return missing_line(kFile, kNames[limits.size()]);
  return limits;
}

Result<std::vector<Limit>> read_limits(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("limits"));
  return parse_limits(text).context(dir.name());
}

}  // namespace stasis::proc
