#include "integration/support/workload_table.h"

#include <ostream>

#include "integration/support/bundle.h"

namespace stasis::test {

void PrintTo(const WorkloadCase& one, std::ostream* out) { *out << one.name; }

const std::vector<WorkloadCase>& all_workloads() {
  static const std::vector<WorkloadCase> kCases = {
      {"memory_pattern"},
  };
  return kCases;
}

const std::vector<WorkloadCase>& restorable_workloads() {
  static const std::vector<WorkloadCase> kCases = {};
  return kCases;
}

void prepare_workload(Bundle& bundle, const WorkloadCase& one) {
  bundle.add_file(Runtime::built("workload"), "/bin/workload");
  bundle.set_arguments({"/bin/workload", one.name});
  if (one.needs == Needs::kAllCapabilities) bundle.allow_all_capabilities();
}

}  // namespace stasis::test
