#include "cgroup/present_limits.h"

#include <utility>

#include "base/parse.h"
#include "cgroup/plan_parts.h"
#include "sys/file.h"

namespace stasis::cgroup {
namespace {

// A file that is not there, or not filled in yet, holds no limit.
std::optional<std::int64_t> read_limit(const std::string& directory, const char* file) {
  const auto text = sys::read_file(directory + "/" + file);
  return text ? parse_limit(*text) : std::nullopt;
}

void read_memory(const MemoryLimits& limits, const std::string& directory, PresentLimits& present) {
  if (!is_set(limits.limit) && !is_set(limits.swap)) return;
  const bool v1 = present.version_of("memory") == Version::kV1;
  present.memory = read_limit(directory, v1 ? "memory.limit_in_bytes" : "memory.max");
  present.swap = read_limit(directory, v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max");
  if (limits.below_usage == BelowUsage::kTry) return;
  present.memory_usage = read_limit(directory, v1 ? "memory.usage_in_bytes" : "memory.current");
}

// cpu.max: "QUOTA PERIOD".
void read_cpu_max(const std::string& directory, PresentLimits& present) {
  const auto text = sys::read_file(directory + "/cpu.max");
  if (!text) return;
  std::string_view rest = trim(*text);
  present.quota = parse_limit(take_word(rest));
  present.period = parse_limit(take_word(rest));
}

void read_cpu(const CpuLimits& limits, const std::string& directory, PresentLimits& present) {
  if (!is_set(limits.quota) && !is_set(limits.period) && !limits.burst) return;
  if (present.version_of("cpu") == Version::kV2) return read_cpu_max(directory, present);
  present.quota = read_limit(directory, "cpu.cfs_quota_us");
  present.period = read_limit(directory, "cpu.cfs_period_us");
}

}  // namespace

std::optional<std::int64_t> parse_limit(std::string_view text) {
  const auto word = trim(text);
  return word == "max" ? std::optional<std::int64_t>(-1) : parse_number<std::int64_t>(word);
}

PresentLimits read_present_limits(const Limits& limits, VersionOf version_of,
                                  const std::string& memory, const std::string& cpu) {
  PresentLimits present{.version_of = std::move(version_of)};
  if (!memory.empty()) read_memory(limits.memory, memory, present);
  if (!cpu.empty()) read_cpu(limits.cpu, cpu, present);
  return present;
}

}  // namespace stasis::cgroup
