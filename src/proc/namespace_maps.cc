#include "proc/namespace_maps.h"

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kOffsets = "timens_offsets";

Result<std::vector<IdRange>> read_id_map(const ProcDir& dir, const std::string& file) {
  STASIS_ASSIGN(const auto text, dir.read(file));
  return parse_id_map(file, text).context(dir.name());
}

}  // namespace

Result<std::vector<IdRange>> parse_id_map(std::string_view file, std::string_view text) {
  std::vector<IdRange> ranges;
  std::size_t number = 0;
  for (const auto line : split_lines(text)) {
    auto& range = ranges.emplace_back();
    STASIS_TRY(Fields(file, ++number, line)
                   .number("inside", range.inside)
                   .number("outside", range.outside)
                   .number("count", range.count)
                   .end()
                   .done());
  }
  return ranges;
}

Result<std::vector<IdRange>> read_uid_map(const ProcDir& dir) {
  return read_id_map(dir, "uid_map");
}

Result<std::vector<IdRange>> read_gid_map(const ProcDir& dir) {
  return read_id_map(dir, "gid_map");
}

Result<TimeOffsets> parse_time_offsets(std::string_view text) {
  const auto lines = split_lines(text);
  if (lines.size() != 2) {
    return fail(ErrorKind::kUnsupported, "{}: expected 2 lines, found {}", kOffsets, lines.size());
  }
  TimeOffsets offsets;
  STASIS_TRY(Fields(kOffsets, 1, lines[0])
                 .literal("monotonic")
                 .number("seconds", offsets.monotonic.seconds)
                 .number("nanoseconds", offsets.monotonic.nanoseconds)
                 .end()
                 .done());
  STASIS_TRY(Fields(kOffsets, 2, lines[1])
                 .literal("boottime")
                 .number("seconds", offsets.boottime.seconds)
                 .number("nanoseconds", offsets.boottime.nanoseconds)
                 .end()
                 .done());
  return offsets;
}

Result<TimeOffsets> read_time_offsets(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read(std::string(kOffsets)));
  return parse_time_offsets(text).context(dir.name());
}

}  // namespace stasis::proc
