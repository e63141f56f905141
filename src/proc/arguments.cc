#include "proc/arguments.h"

#include <cstring>

#include "base/parse.h"

namespace stasis::proc {

std::vector<std::string> parse_cmdline(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.back() == '\0') bytes.remove_suffix(1);
  std::vector<std::string> arguments;
  for (const auto argument : split(bytes, '\0')) arguments.emplace_back(argument);
  return arguments;
}

Result<std::vector<std::string>> read_cmdline(const ProcDir& dir) {
  STASIS_ASSIGN(const auto bytes, dir.read("cmdline"));
  return parse_cmdline(bytes);
}

Result<std::vector<AuxvEntry>> parse_auxv(std::string_view bytes) {
  constexpr std::uint64_t kEnd = 0;  // AT_NULL
  std::vector<AuxvEntry> entries;
  if (bytes.empty()) return entries;
  for (std::size_t at = 0; bytes.size() - at >= sizeof(AuxvEntry); at += sizeof(AuxvEntry)) {
    AuxvEntry entry;
    std::memcpy(&entry, bytes.data() + at, sizeof(entry));
    if (entry.type == kEnd) return entries;
    entries.push_back(entry);
  }
  return fail(ErrorKind::kUnsupported, "auxv: expected an AT_NULL entry in {} bytes, found none",
              bytes.size());
}

Result<std::vector<AuxvEntry>> read_auxv(const ProcDir& dir) {
  STASIS_ASSIGN(const auto bytes, dir.read("auxv"));
  return parse_auxv(bytes).context(dir.name());
}

}  // namespace stasis::proc
