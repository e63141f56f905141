#include "runtime/memory_policy.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "sys/memory_policy.h"

namespace stasis::runtime {
namespace {

enum class Nodes { kNone, kSome, kEither };

// MPOL_ of include/uapi/linux/mempolicy.h.
struct Mode {
  std::string_view name;
  int value;
  Nodes nodes;
};
constexpr std::array<Mode, 7> kModes{{
    {"MPOL_DEFAULT", 0, Nodes::kNone},
    {"MPOL_PREFERRED", 1, Nodes::kEither},
    {"MPOL_BIND", 2, Nodes::kSome},
    {"MPOL_INTERLEAVE", 3, Nodes::kSome},
    {"MPOL_LOCAL", 4, Nodes::kNone},
    {"MPOL_PREFERRED_MANY", 5, Nodes::kSome},
    {"MPOL_WEIGHTED_INTERLEAVE", 6, Nodes::kSome},
}};

struct Flag {
  std::string_view name;
  int value;
};
constexpr std::array<Flag, 3> kFlags{{
    {"MPOL_F_NUMA_BALANCING", 1 << 13},
    {"MPOL_F_RELATIVE_NODES", 1 << 14},
    {"MPOL_F_STATIC_NODES", 1 << 15},
}};

constexpr unsigned kMostNodes = 1024;  // the kernel's largest CONFIG_NODES_SHIFT

template <class Known>
Result<Known> find_name(const auto& known, std::string_view name, std::string_view member) {
  const auto found = std::ranges::find(known, name, &Known::name);
  if (found != known.end()) return *found;
  return fail(ErrorKind::kInvalidArgument, "linux.memoryPolicy.{}: unknown value '{}'", member,
              name);
}

std::vector<std::string> names_of(const auto& known) {
  std::vector<std::string> names;
  for (const auto& one : known) names.emplace_back(one.name);
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<MemoryPolicyPlan> plan_memory_policy(const oci::MemoryPolicy& wanted) {
  STASIS_ASSIGN(const Mode mode, find_name<Mode>(kModes, wanted.mode, "mode"));
  MemoryPolicyPlan plan{.mode = mode.value};
  for (const std::string& name : wanted.flags) {
    STASIS_ASSIGN(const Flag flag, find_name<Flag>(kFlags, name, "flags"));
    plan.mode |= flag.value;
  }
  const bool has_nodes = !wanted.nodes.empty();
  if (mode.nodes != Nodes::kEither && has_nodes != (mode.nodes == Nodes::kSome)) {
    return fail(ErrorKind::kInvalidArgument, "linux.memoryPolicy.nodes: {} {}", mode.name,
                has_nodes ? "takes none" : "needs some");
  }
  if (!has_nodes) return plan;
  const auto nodes = parse_bit_list(wanted.nodes, kMostNodes);
  if (!nodes) {
    return fail(ErrorKind::kInvalidArgument,
                "linux.memoryPolicy.nodes: expected nodes as '0-3,8', found '{}'", wanted.nodes);
  }
  plan.nodes = *nodes;
  return plan;
}

Result<void> apply_memory_policy(const MemoryPolicyPlan& plan) {
  auto set = sys::set_memory_policy(plan.mode, plan.nodes);
  if (set) return {};
  if (set.error().kind() == ErrorKind::kUnsupported) {
    return std::move(set.error())
        .context("linux.memoryPolicy: this kernel has no NUMA (CONFIG_NUMA)");
  }
  if (set.error().error_number() == EINVAL) {
    return std::move(set.error())
        .context(
            "linux.memoryPolicy: the kernel does not know this mode with these flags, or the "
            "cgroup's cpuset has none of the nodes");
  }
  return std::move(set.error()).context("linux.memoryPolicy");
}

std::vector<std::string> known_memory_policy_modes() { return names_of(kModes); }
std::vector<std::string> known_memory_policy_flags() { return names_of(kFlags); }

}  // namespace stasis::runtime
