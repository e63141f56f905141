#include "proc/smaps.h"

#include <algorithm>

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "smaps";

std::uint64_t* size_named(std::string_view key, MappingDetail& detail) {
  if (key == "Rss") return &detail.rss_bytes;
  if (key == "Pss") return &detail.pss_bytes;
  if (key == "Anonymous") return &detail.anonymous_bytes;
  if (key == "AnonHugePages") return &detail.anon_huge_bytes;
  if (key == "KernelPageSize") return &detail.kernel_page_bytes;
  if (key == "Locked") return &detail.locked_bytes;
  if (key == "Swap") return &detail.swap_bytes;
  return nullptr;
}

Result<void> parse_size(std::size_t number, const KeyValue& line, std::uint64_t& into_bytes) {
  Fields fields(kFile, number, line.value);
  std::uint64_t kib = 0;
  fields.number(line.key, kib).literal("kB").end();
  if (fields.ok() && kib > UINT64_MAX / 1024) {
    fields.wrong(line.key, "a size below 2^64 bytes", line.value);
  }
  STASIS_TRY(fields.done());
  into_bytes = kib * 1024;
  return {};
}

Result<void> parse_flags(std::size_t number, std::string_view text, VmFlags& into) {
  for (const auto code : split_blank(text)) {
    if (code.size() != 2) {
      return unexpected(kFile, number, "VmFlags", "two letters a flag", code);
    }
    into.codes.emplace_back(code);
  }
  return {};
}

Result<void> parse_detail(std::size_t number, const KeyValue& line, MappingDetail& detail) {
  if (auto* size = size_named(line.key, detail)) return parse_size(number, line, *size);
  if (line.key == "VmFlags") return parse_flags(number, line.value, detail.flags);
  if (line.key == "ProtectionKey") {
    std::uint32_t key = 0;
    STASIS_TRY(Fields(kFile, number, line.value).number(line.key, key).end().done());
    detail.protection_key = key;
  }
  return {};
}

// The first word of a heading is "start-end", of a detail "Key:".
bool is_heading(std::string_view line) {
  const auto word = line.substr(0, line.find(' '));
  return !word.ends_with(':');
}

}  // namespace

bool VmFlags::has(std::string_view code) const {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Result<std::vector<MappingDetail>> parse_smaps(std::string_view text) {
  std::vector<MappingDetail> details;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    ++number;
    if (is_heading(line)) {
      STASIS_ASSIGN(auto mapping, parse_mapping_line(kFile, number, line));
      details.emplace_back().mapping = std::move(mapping);
      continue;
    }
    if (details.empty()) {
      return unexpected(kFile, number, "mapping", "an address range", line);
    }
    STASIS_TRY(parse_detail(number, *split_key(line), details.back()));
  }
  return details;
}

Result<std::vector<MappingDetail>> read_smaps(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("smaps"));
  return parse_smaps(text).context(dir.name());
}

}  // namespace stasis::proc
