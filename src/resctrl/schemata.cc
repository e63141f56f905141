#include "resctrl/schemata.h"

#include <algorithm>
#include <map>

#include "base/parse.h"

namespace stasis::resctrl {
namespace {

constexpr std::string_view kBandwidth = "MB:";

std::string_view without_zeros(std::string_view number) {
  const auto first = std::min(number.find_first_not_of('0'), number.size() - 1);
  return number.substr(first);
}

// "0=7f0;1=1f", by id; nothing when it is something else.
using Values = std::map<std::string, std::string>;
std::optional<Values> parse_values(std::string_view text) {
  Values values;
  for (const auto part : split(text, ';')) {
    const auto equals = part.find('=');
    if (equals == part.npos) return std::nullopt;
    const auto id = trim(part.substr(0, equals));
    const auto value = trim(part.substr(equals + 1));
    if (id.empty() || value.empty()) return std::nullopt;
    values.emplace(without_zeros(id), without_zeros(value));
  }
  return values;
}

// "L3" and "0=7f0;1=1f".
std::pair<std::string_view, std::string_view> split_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return {};
  return {trim(line.substr(0, colon)), line.substr(colon + 1)};
}

std::optional<Values> values_of(std::string_view text, std::string_view resource) {
  for (const auto line : split_lines(text)) {
    const auto [name, values] = split_line(line);
    if (!name.empty() && name == resource) return parse_values(values);
  }
  return std::nullopt;
}

Result<void> add_line(std::string_view line, const std::string& member,
                      std::vector<std::string>& lines) {
  const auto [resource, values] = split_line(line);
  if (resource.empty() || !parse_values(values)) {
    return fail(ErrorKind::kInvalidArgument,
                "linux.intelRdt.{}: expected RESOURCE:ID=VALUE;ID=VALUE..., found '{}'", member,
                line);
  }
  lines.emplace_back(line);
  return {};
}

}  // namespace

Result<std::vector<std::string>> plan_schemata(const oci::IntelRdt& wanted) {
  std::vector<std::string> lines;
  for (const auto line : split_lines(wanted.l3_cache_schema)) {
    if (!wanted.mem_bw_schema.empty() && line.starts_with(kBandwidth)) continue;
    STASIS_TRY(add_line(line, "l3CacheSchema", lines));
  }
  if (const std::string& bandwidth = wanted.mem_bw_schema; !bandwidth.empty()) {
    if (!bandwidth.starts_with(kBandwidth) || bandwidth.find('\n') != bandwidth.npos) {
      return fail(ErrorKind::kInvalidArgument,
                  "linux.intelRdt.memBwSchema: expected one line that begins with '{}', found '{}'",
                  kBandwidth, bandwidth);
    }
    STASIS_TRY(add_line(bandwidth, "memBwSchema", lines));
  }
  for (std::size_t i = 0; i < wanted.schemata.size(); ++i) {
    STASIS_TRY(add_line(wanted.schemata[i], fmt::format("schemata[{}]", i), lines));
  }
  return lines;
}

std::string find_mismatch(const std::vector<std::string>& lines, std::string_view text) {
  for (const std::string& line : lines) {
    const auto [resource, wanted_text] = split_line(line);
    const auto wanted = parse_values(wanted_text);
    const auto there = values_of(text, resource);
    if (!wanted || !there) return line;
    const bool all_there = std::ranges::all_of(*wanted, [&](const auto& one) {
      const auto found = there->find(one.first);
      return found != there->end() && found->second == one.second;
    });
    if (!all_there) return line;
  }
  return "";
}

std::string line_of(std::string_view text, std::string_view resource) {
  for (const auto line : split_lines(text)) {
    if (split_line(line).first == resource) return std::string(trim(line));
  }
  return "";
}

}  // namespace stasis::resctrl
