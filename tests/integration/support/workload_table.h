// The table of workloads (tests/workloads), with what each needs from its container.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace stasis::test {

class Bundle;

enum class Needs {
  kNothing,
  kAllCapabilities,  // all but CAP_SYS_RESOURCE
};

struct WorkloadCase {
  std::string name;
  Needs needs = Needs::kNothing;
  std::vector<std::string> checkpoint_flags = {};
};

// GoogleTest prints parameters with it.
void PrintTo(const WorkloadCase& one, std::ostream* out);

// All of them; each passes on its own.
const std::vector<WorkloadCase>& all_workloads();

// A bundle's arguments, files and capabilities for a workload.
void prepare_workload(Bundle& bundle, const WorkloadCase& one);

}  // namespace stasis::test
