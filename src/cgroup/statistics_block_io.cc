// v1 blkio.* (Documentation/admin-guide/cgroup-v1/blkio-controller.rst), v2 io.stat
// (cgroup-v2.rst).
#include <array>
#include <utility>

#include "base/parse.h"
#include "cgroup/statistics_parts.h"

namespace stasis::cgroup {
namespace {

using Entries = std::vector<BlockIoEntry>;

Error unreadable(std::size_t number, std::string_view expected, std::string_view line) {
  return fail(ErrorKind::kUnsupported, "line {}: expected {}, found '{}'", number, expected, line);
}

// "8:0" into the entry.
bool parse_device(std::string_view text, BlockIoEntry& into) {
  const auto colon = text.find(':');
  if (colon == text.npos) return false;
  const auto major = parse_number<std::uint64_t>(text.substr(0, colon));
  const auto minor = parse_number<std::uint64_t>(text.substr(colon + 1));
  if (!major || !minor) return false;
  into.major = *major;
  into.minor = *minor;
  return true;
}

// "8:0 Read 1282048" or "8:0 6792"; the last line is "Total 3477504".
Result<Entries> parse_v1(std::string_view text) {
  Entries entries;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    const auto words = split_blank(line);
    if (words.size() == 2 && words.front() == "Total") continue;
    BlockIoEntry entry;
    const auto value = words.empty() ? std::nullopt : parse_number<std::uint64_t>(words.back());
    const bool sound = (words.size() == 2 || words.size() == 3) && value;
    if (!sound || !parse_device(words.front(), entry)) {
      return unreadable(number, "'MAJOR:MINOR OPERATION NUMBER'", line);
    }
    if (words.size() == 3) entry.operation = words[1];
    entry.value = *value;
    entries.push_back(std::move(entry));
  }
  return entries;
}

// The file of the scheduler in use has entries: BFQ's, those of CFQ (before Linux 5.0), else what
// throttling counts.
Result<Entries> read_v1_entries(const std::string& directory, const std::string& name) {
  for (const char* prefix : {"blkio.bfq.", "blkio.", "blkio.throttle."}) {
    const std::string file = fmt::format("{}{}_recursive", prefix, name);
    STASIS_ASSIGN(const auto text, read_if_there(directory, file));
    if (!text) continue;
    STASIS_ASSIGN(Entries entries, parse_v1(*text).context(directory + "/" + file));
    if (!entries.empty()) return entries;
  }
  return Entries();
}

Result<void> read_v1(const std::string& directory, BlockIoStatistics& into) {
  using List = Entries BlockIoStatistics::*;
  static constexpr std::array<std::pair<const char*, List>, 8> kLists{{
      {"io_service_bytes", &BlockIoStatistics::service_bytes},
      {"io_serviced", &BlockIoStatistics::serviced},
      {"io_queued", &BlockIoStatistics::queued},
      {"io_service_time", &BlockIoStatistics::service_time},
      {"io_wait_time", &BlockIoStatistics::wait_time},
      {"io_merged", &BlockIoStatistics::merged},
      {"time", &BlockIoStatistics::time},
      {"sectors", &BlockIoStatistics::sectors},
  }};
  for (const auto& [name, member] : kLists) {
    STASIS_ASSIGN(into.*member, read_v1_entries(directory, name));
  }
  return {};
}

// "rbytes=4096" under the name that v1 has for it; others have none there.
bool add_v2_value(std::string_view word, BlockIoEntry entry, BlockIoStatistics& into) {
  const auto equals = word.find('=');
  const auto name = word.substr(0, equals);
  const bool bytes = name == "rbytes" || name == "wbytes";
  if (!bytes && name != "rios" && name != "wios") return true;
  const auto value = parse_number<std::uint64_t>(word.substr(equals + 1));
  if (!value) return false;
  entry.operation = name.starts_with('r') ? "Read" : "Write";
  entry.value = *value;
  (bytes ? into.service_bytes : into.serviced).push_back(std::move(entry));
  return true;
}

// "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0". A device that is just being added may
// have its number alone.
Result<void> parse_v2(std::string_view text, BlockIoStatistics& into) {
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    std::string_view rest = line;
    BlockIoEntry entry;
    bool sound = parse_device(take_word(rest), entry);
    for (const auto word : split_blank(rest)) sound = sound && add_v2_value(word, entry, into);
    if (!sound) return unreadable(number, "'MAJOR:MINOR NAME=NUMBER ...'", line);
  }
  return {};
}

}  // namespace

Result<void> read_block_io(const ContainerCgroup& cgroup, BlockIoStatistics& into) {
  STASIS_ASSIGN(into.pressure, read_pressure(cgroup, "io.pressure"));
  if (const CgroupDirectory* v1 = cgroup.find("blkio")) return read_v1(v1->directory, into);
  const CgroupDirectory* v2 = cgroup.find_v2();
  if (v2 == nullptr) return {};
  STASIS_ASSIGN(const auto text, read_if_there(v2->directory, "io.stat"));
  return parse_v2(text.value_or(""), into).context(v2->directory + "/io.stat");
}

}  // namespace stasis::cgroup
