// stasis events: what a container uses, every few seconds, and when it runs out of memory.
#include "runtime/events.h"
#include "arguments.h"
#include "base/duration.h"
#include "command.h"
#include "events_json.h"

namespace stasis::cli {
namespace {

struct EventsOptions {
  std::string id;
  std::string interval = "5s";
  bool once = false;
};

std::string refuse_interval(const std::string& text) {
  if (parse_duration(text)) return "";
  return fmt::format("expected a duration, as '5s' or '1m30s', found '{}'", text);
}

Result<int> run_events(const EventsOptions& options, const GlobalOptions& global) {
  const auto store = store_of(global);
  const auto interval = parse_duration(options.interval).value_or(std::chrono::seconds(5));
  if (interval <= std::chrono::nanoseconds(0)) {
    return fail(ErrorKind::kInvalidArgument, "duration interval must be greater than 0, found '{}'",
                options.interval);
  }
  const auto print_statistics = [&](const runtime::ContainerStatistics& statistics) {
    return print_text(statistics_event_json(options.id, statistics));
  };
  if (options.once) {
    STASIS_ASSIGN(const auto statistics, runtime::read_container_statistics(store, options.id));
    STASIS_TRY(print_statistics(statistics));
    return 0;
  }
  const runtime::EventHandlers handlers{.statistics = print_statistics, .out_of_memory = [&] {
                                          return print_text(oom_event_json(options.id));
                                        }};
  STASIS_TRY(runtime::watch_container(store, options.id, interval, handlers));
  return 0;
}

}  // namespace

Action add_events(CLI::App& command, const GlobalOptions& global) {
  auto options = std::make_shared<EventsOptions>();
  add_id(command, options->id);
  command
      .add_option("--interval", options->interval,
                  "time between two lines of statistics (default: \"5s\")")
      ->check(refuse_interval);
  command.add_flag("--stats", options->once, "print the statistics once, then exit");
  return [options, &global] { return run_events(*options, global); };
}

}  // namespace stasis::cli
