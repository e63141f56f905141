#include "proc/timers.h"

#include <array>

#include "proc/fields.h"

namespace stasis::proc {
namespace {

constexpr std::string_view kFile = "timers";
constexpr std::int32_t kThreadId = 4;  // SIGEV_THREAD_ID

// "signal/pid.2634", "none/tid.7"
void parse_notify(Fields& fields, PosixTimerInfo& timer) {
  constexpr std::array<std::string_view, 3> kNames = {"signal", "none", "thread"};
  std::string_view text;
  fields.tagged("notify", text);
  if (!fields.ok()) return;
  const auto slash = text.find('/');
  const auto dot = text.find('.');
  const auto name = text.substr(0, slash);
  std::int32_t notify = 0;
  while (notify < 3 && kNames[static_cast<std::size_t>(notify)] != name) ++notify;
  const auto whose = slash < dot ? text.substr(slash + 1, dot - slash - 1) : std::string_view();
  if (notify == 3 || dot == std::string_view::npos || (whose != "pid" && whose != "tid")) {
    fields.wrong("notify", "signal, none or thread, '/', pid or tid, '.', a number", text);
    return;
  }
  timer.notify = notify | (whose == "tid" ? kThreadId : 0);
  fields.number_of("notify", text.substr(dot + 1), timer.target.value);
}

// "60/00007fff86e452a8"
void parse_signal(Fields& fields, PosixTimerInfo& timer) {
  std::string_view text;
  fields.tagged("signal", text);
  if (!fields.ok()) return;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    fields.wrong("signal", "two numbers around '/'", text);
    return;
  }
  fields.number_of("signal", text.substr(0, slash), timer.signal)
      .number_of("signal", text.substr(slash + 1), timer.value, 16);
}

}  // namespace

Result<std::vector<PosixTimerInfo>> parse_timers(std::string_view text) {
  constexpr std::size_t kLinesOfOne = 4;
  const auto lines = split_lines(text);
  std::vector<PosixTimerInfo> timers;
  for (std::size_t at = 0; at < lines.size(); at += kLinesOfOne) {
    if (lines.size() - at < kLinesOfOne) {
      return fail(ErrorKind::kUnsupported, "{} line {}: expected {} lines a timer, found {}", kFile,
                  at + 1, kLinesOfOne, lines.size() - at);
    }
    PosixTimerInfo timer;
    STASIS_TRY(Fields(kFile, at + 1, lines[at]).tagged("ID", timer.id).end().done());
    Fields signal(kFile, at + 2, lines[at + 1]);
    parse_signal(signal, timer);
    STASIS_TRY(signal.end().done());
    Fields notify(kFile, at + 3, lines[at + 2]);
    parse_notify(notify, timer);
    STASIS_TRY(notify.end().done());
    STASIS_TRY(Fields(kFile, at + 4, lines[at + 3]).tagged("ClockID", timer.clock).end().done());
    timers.push_back(timer);
  }
  return timers;
}

Result<std::vector<PosixTimerInfo>> read_timers(const ProcDir& dir) {
  STASIS_ASSIGN(const auto text, dir.read("timers"));
  return parse_timers(text).context(dir.name());
}

}  // namespace stasis::proc
