#include "runtime/process_identity.h"

#include "base/parse.h"
#include "sys/child_process.h"
#include "sys/file.h"

namespace stasis::runtime {

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const auto end_of_command = text.rfind(')');
  if (end_of_command != text.npos) {
    const auto fields = split_blank(trim(text.substr(end_of_command + 1)));
    // Fields 3 (state) and 22 (start time) of the line.
    if (fields.size() >= 20 && fields[0].size() == 1) {
      if (const auto ticks = parse_number<std::uint64_t>(fields[19])) {
        return ProcessStat{fields[0][0], *ticks};
      }
    }
  }
  return fail(ErrorKind::kUnsupported, "process stat: expected 22 fields or more, found '{}'",
              trim(text));
}

Result<ProcessStat> read_process_stat(HostPid pid) {
  STASIS_ASSIGN(const std::string text, sys::read_file(fmt::format("/proc/{}/stat", pid.value)));
  return parse_process_stat(text);
}

std::optional<UniqueFd> open_process(HostPid pid, std::uint64_t start_ticks) {
  if (pid.value <= 0) return std::nullopt;
  // The pidfd comes first: what is read after it concerns this process or a dead one.
  auto pidfd = sys::pidfd_open(pid);
  if (!pidfd || sys::pidfd_has_ended(pidfd->get())) return std::nullopt;
  const auto stat = read_process_stat(pid);
  if (!stat || stat->start_ticks != start_ticks) return std::nullopt;
  return std::move(*pidfd);
}

}  // namespace stasis::runtime
