// Texts of control files that statistics are read from.
#include <cerrno>
#include <charconv>

#include "base/parse.h"
#include "cgroup/statistics_parts.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

Error unreadable(std::size_t line, std::string_view expected, std::string_view found) {
  return fail(ErrorKind::kUnsupported, "line {}: expected {}, found '{}'", line, expected, found);
}

std::optional<double> parse_decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "avg10=0.00 avg60=1.20 avg300=0.00 total=2112"; further words may come with later kernels.
std::optional<PressureLine> parse_pressure_line(std::string_view text) {
  PressureLine line;
  for (const auto word : split_blank(text)) {
    const auto equals = word.find('=');
    if (equals == word.npos) return std::nullopt;
    const auto name = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    const auto set = [&](double& average) {
      const auto number = parse_decimal(value);
      if (number) average = *number;
      return number.has_value();
    };
    bool understood = true;
    if (name == "avg10") understood = set(line.average_10);
    if (name == "avg60") understood = set(line.average_60);
    if (name == "avg300") understood = set(line.average_300);
    if (name == "total") {
      const auto number = parse_number<std::uint64_t>(value);
      line.total_us = number.value_or(0);
      understood = number.has_value();
    }
    if (!understood) return std::nullopt;
  }
  return line;
}

}  // namespace

Result<Counts> parse_counts(std::string_view text) {
  Counts counts;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    std::string_view rest = line;
    const auto key = take_word(rest);
    const auto value = parse_number<std::uint64_t>(trim(rest));
    if (!value) return unreadable(number, "'KEY NUMBER'", line);
    counts.emplace(key, *value);
  }
  return counts;
}

Result<std::vector<std::uint16_t>> parse_number_ranges(std::string_view text) {
  std::vector<std::uint16_t> numbers;
  text = trim(text);
  if (text.empty()) return numbers;
  for (const auto range : split(text, ',')) {
    const auto dash = range.find('-');
    const auto first = parse_number<std::uint16_t>(range.substr(0, dash));
    const auto last =
        dash == range.npos ? first : parse_number<std::uint16_t>(range.substr(dash + 1));
    if (!first || !last || *first > *last) {
      return unreadable(1, "numbers and ranges, as '0-2,5'", text);
    }
    for (unsigned one = *first; one <= *last; ++one) {
      numbers.push_back(static_cast<std::uint16_t>(one));
    }
  }
  return numbers;
}

Result<Pressure> parse_pressure(std::string_view text) {
  Pressure pressure;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    std::string_view rest = line;
    const auto kind = take_word(rest);
    const auto parsed = parse_pressure_line(rest);
    if (!parsed) return unreadable(number, "'some' or 'full' with averages and a total", line);
    if (kind == "some") pressure.some = *parsed;
    if (kind == "full") pressure.full = *parsed;
  }
  return pressure;
}

Result<std::optional<std::string>> read_if_there(const std::string& directory,
                                                 const std::string& file) {
  auto text = sys::read_file(directory + "/" + file);
  if (text) return std::optional(std::move(*text));
  // PSI files of a kernel that was booted without it are there, and refuse to be read.
  const bool absent =
      text.error().kind() == ErrorKind::kNotFound || text.error().error_number() == EOPNOTSUPP;
  if (absent) return std::optional<std::string>();
  return std::move(text.error());
}

Result<std::uint64_t> read_count(const std::string& directory, const std::string& file) {
  STASIS_ASSIGN(const auto text, read_if_there(directory, file));
  if (!text) return std::uint64_t{0};
  const auto word = trim(*text);
  if (word == "max") return kUnlimited;
  const auto number = parse_number<std::uint64_t>(word);
  if (!number) return unreadable(1, "a number or 'max'", word).context(directory + "/" + file);
  return *number;
}

Result<Counts> read_counts(const std::string& directory, const std::string& file) {
  STASIS_ASSIGN(const auto text, read_if_there(directory, file));
  if (!text) return Counts();
  return parse_counts(*text).context(directory + "/" + file);
}

std::uint64_t count_of(const Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

const CgroupDirectory* find_controller(const ContainerCgroup& cgroup, std::string_view name) {
  const CgroupDirectory* v1 = cgroup.find(name);
  return v1 != nullptr ? v1 : cgroup.find_v2();
}

Result<std::optional<Pressure>> read_pressure(const ContainerCgroup& cgroup,
                                              const std::string& file) {
  const CgroupDirectory* v2 = cgroup.find_v2();
  if (v2 == nullptr) return std::optional<Pressure>();
  STASIS_ASSIGN(const auto text, read_if_there(v2->directory, file));
  if (!text) return std::optional<Pressure>();
  STASIS_ASSIGN(const Pressure pressure, parse_pressure(*text).context(v2->directory + "/" + file));
  return std::optional(pressure);
}

}  // namespace stasis::cgroup
