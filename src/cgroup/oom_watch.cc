#include "cgroup/oom_watch.h"

#include <array>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "cgroup/statistics_parts.h"
#include "sys/descriptor.h"
#include "sys/event_fd.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

constexpr const char* kEventControl = "/cgroup.event_control";

// From the beginning; that also makes poll(2) wait for the next change.
Result<std::uint64_t> read_kills(int memory_events) {
  STASIS_TRY(sys::set_position(memory_events, 0));
  STASIS_ASSIGN(const std::string text, sys::read_all(memory_events));
  STASIS_ASSIGN(const Counts counts, parse_counts(text).context("memory.events"));
  return count_of(counts, "oom_kill");
}

}  // namespace

Result<OomWatch> OomWatch::start(const ContainerCgroup& cgroup) {
  const CgroupDirectory* memory = find_controller(cgroup, "memory");
  if (memory == nullptr) return fail(ErrorKind::kUnsupported, "there is no memory controller");
  return memory->version == Version::kV1 ? start_v1(memory->directory)
                                         : start_v2(memory->directory);
}

Result<OomWatch> OomWatch::start_v1(const std::string& directory) {
  STASIS_ASSIGN(UniqueFd event, sys::make_event_fd(0, EFD_NONBLOCK));
  STASIS_ASSIGN(const UniqueFd control, sys::open(directory + "/memory.oom_control", O_RDONLY));
  // The kernel keeps the eventfd; the other descriptor is needed for this call only.
  STASIS_TRY(sys::write_control_file(directory + kEventControl,
                                     fmt::format("{} {}", event.get(), control.get())));
  return OomWatch(Version::kV1, directory, std::move(event));
}

Result<OomWatch> OomWatch::start_v2(const std::string& directory) {
  auto events = sys::open(directory + "/memory.events", O_RDONLY);
  if (!events) return std::move(events.error()).as(ErrorKind::kUnsupported);
  OomWatch watch(Version::kV2, directory, std::move(*events));
  STASIS_ASSIGN(watch.kills_, read_kills(watch.fd()));
  return watch;
}

short OomWatch::events() const { return version_ == Version::kV1 ? POLLIN : POLLPRI; }

Result<bool> OomWatch::take() { return version_ == Version::kV1 ? take_v1() : take_v2(); }

Result<bool> OomWatch::take_v1() const {
  STASIS_ASSIGN(const short ready, sys::poll_now(fd(), POLLIN));
  if (ready == 0) return false;
  std::array<std::byte, sizeof(std::uint64_t)> count;
  STASIS_TRY(sys::read_some(fd(), count));
  // The removal of a cgroup is told in the same way.
  return sys::exists_at(sys::kCwd, directory_ + kEventControl);
}

Result<bool> OomWatch::take_v2() {
  STASIS_ASSIGN(const std::uint64_t kills, read_kills(fd()));
  return kills > std::exchange(kills_, kills);
}

}  // namespace stasis::cgroup
