#include "runtime/update.h"

#include <array>
#include <limits>

#include "base/parse.h"
#include "cgroup/hierarchy.h"
#include "resctrl/group.h"
#include "runtime/container.h"
#include "runtime/limits.h"

namespace stasis::runtime {
namespace {

template <class T>
void forget_zero(std::optional<T>& value) {
  if (value == T{0}) value.reset();
}

void forget_zeros(oci::Resources& resources) {
  forget_zero(resources.memory.limit);
  forget_zero(resources.memory.reservation);
  forget_zero(resources.memory.swap);
  forget_zero(resources.memory.kernel_tcp);
  forget_zero(resources.cpu.shares);
  forget_zero(resources.cpu.period);
  forget_zero(resources.cpu.quota);
  forget_zero(resources.cpu.realtime_period);
  forget_zero(resources.cpu.realtime_runtime);
  forget_zero(resources.block_io.weight);
  forget_zero(resources.pids_limit);
}

// "", "b", "k", "kb", "kib", and so on: how many bits to shift.
std::optional<int> shift_of(std::string_view unit) {
  constexpr std::string_view kUnits = "kmgtp";
  if (unit.empty() || unit == "b") return 0;
  const auto at = kUnits.find(unit.front());
  const auto rest = unit.substr(1);
  if (at == kUnits.npos || !(rest.empty() || rest == "b" || rest == "ib")) return std::nullopt;
  return 10 * (static_cast<int>(at) + 1);
}

Result<void> update_resctrl(const oci::ContainerRecord& record, const oci::IntelRdt& rdt) {
  if (rdt == oci::IntelRdt{}) return {};
  if (!record.resctrl) {
    return fail(ErrorKind::kConflict,
                "cannot update container '{}': it was made without linux.intelRdt, so that its "
                "processes are in no group of their own",
                record.id);
  }
  return resctrl::write_values(resctrl::kRoot, *record.resctrl, rdt);
}

}  // namespace

Result<std::int64_t> parse_bytes(std::string_view text) {
  const auto unreadable = [&] {
    return fail(ErrorKind::kInvalidArgument,
                "expected bytes, as '512m', or -1 for no limit, found '{}'", text);
  };
  if (text == "-1") return -1;
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto digits = std::min(lower.find_first_not_of("0123456789"), lower.size());
  const auto number = parse_number<std::int64_t>(std::string_view(lower).substr(0, digits));
  const auto shift = shift_of(std::string_view(lower).substr(digits));
  if (!number || !shift) return unreadable();
  if (*number > std::numeric_limits<std::int64_t>::max() >> *shift) return unreadable();
  return *number << *shift;
}

Result<void> update_container(const StateStore& store, const std::string& id,
                              oci::Resources resources, const oci::IntelRdt& rdt) {
  STASIS_ASSIGN(const Container container, Container::open(store, id, Access::kChange));
  STASIS_ASSIGN(const oci::Status status, container.status());
  if (status == oci::Status::kStopped) {
    return fail(ErrorKind::kConflict, "cannot update container '{}': container not running", id);
  }
  forget_zeros(resources);
  STASIS_ASSIGN(const auto hierarchies, cgroup::read_hierarchies());
  STASIS_TRY(update_resctrl(container.record(), rdt));
  return update_resources(resources, container.cgroup(), hierarchies);
}

}  // namespace stasis::runtime
