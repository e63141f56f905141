// linux.memoryPolicy: on which NUMA nodes the memory of a container's processes is.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/spec.h"
#include "runtime/bit_list.h"

namespace stasis::runtime {

struct MemoryPolicyPlan {
  int mode = 0;  // with its flags, as set_mempolicy(2) takes it
  BitSet nodes;
};

// Pure. Errors name the member of config.json.
Result<MemoryPolicyPlan> plan_memory_policy(const oci::MemoryPolicy& wanted);
// For the calling process and what it will become.
Result<void> apply_memory_policy(const MemoryPolicyPlan& plan);

std::vector<std::string> known_memory_policy_modes();
std::vector<std::string> known_memory_policy_flags();

}  // namespace stasis::runtime
