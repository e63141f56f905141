#include "cgroup/freezer.h"

#include <algorithm>
#include <thread>

#include "base/parse.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

}  // namespace

Result<FreezerState> parse_freezer_state(std::string_view text) {
  const auto word = trim(text);
  if (word == "THAWED") return FreezerState::kThawed;
  if (word == "FREEZING") return FreezerState::kFreezing;
  if (word == "FROZEN") return FreezerState::kFrozen;
  return fail(ErrorKind::kUnsupported,
              "freezer.state: expected THAWED, FREEZING or FROZEN, found '{}'", word);
}

Result<FreezerState> parse_events_frozen(std::string_view text) {
  std::size_t number = 0;
  for (auto line : split_lines(text)) {
    ++number;
    if (take_word(line) != "frozen") continue;
    const auto value = trim(line);
    if (value == "0") return FreezerState::kThawed;
    if (value == "1") return FreezerState::kFrozen;
    return fail(ErrorKind::kUnsupported,
                "cgroup.events line {}: frozen: expected 0 or 1, found '{}'", number, value);
  }
  return FreezerState::kThawed;
}

bool has_freezer(Version version, const std::string& directory) {
  return sys::exists_at(
      sys::kCwd, directory + (version == Version::kV2 ? "/cgroup.freeze" : "/freezer.state"));
}

Result<FreezerState> read_freezer(Version version, const std::string& directory) {
  if (version == Version::kV2) {
    STASIS_ASSIGN(const std::string text, sys::read_file(directory + "/cgroup.events"));
    return parse_events_frozen(text);
  }
  STASIS_ASSIGN(const std::string text, sys::read_file(directory + "/freezer.state"));
  return parse_freezer_state(text);
}

Result<void> request_freeze(Version version, const std::string& directory) {
  if (version == Version::kV2) return sys::write_control_file(directory + "/cgroup.freeze", "1");
  return sys::write_control_file(directory + "/freezer.state", "FROZEN");
}

Result<void> request_thaw(Version version, const std::string& directory) {
  if (version == Version::kV2) return sys::write_control_file(directory + "/cgroup.freeze", "0");
  return sys::write_control_file(directory + "/freezer.state", "THAWED");
}

Result<void> freeze_and_wait(Version version, const std::string& directory,
                             std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  STASIS_TRY(request_freeze(version, directory));
  for (microseconds pause{20};; pause = std::min(pause * 2, microseconds(2000))) {
    auto state = read_freezer(version, directory);
    if (state && *state == FreezerState::kFrozen) return {};
    if (!state || Clock::now() >= deadline) {
      // Best effort: the caller gets the reason why it did not freeze, not why it did not thaw.
      static_cast<void>(request_thaw(version, directory));
      if (!state) return std::move(state.error());
      return fail(ErrorKind::kTimeout, "cgroup '{}' did not freeze within {} ms", directory,
                  limit.count());
    }
    std::this_thread::sleep_for(pause);
    // A v1 cgroup can stay FREEZING when a task forked meanwhile; asking again catches the child.
    if (version == Version::kV1) STASIS_TRY(request_freeze(version, directory));
  }
}

}  // namespace stasis::cgroup
