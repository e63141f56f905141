#include "runtime/limits.h"

namespace stasis::runtime {

Result<void> apply_resources(const oci::Resources& /*resources*/,
                             const cgroup::ContainerCgroup& /*cgroup*/) {
  return {};
}

}  // namespace stasis::runtime
