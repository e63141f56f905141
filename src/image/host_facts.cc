#include "image/host_facts.h"

#include <xxhash.h>

#include "sys/machine.h"

namespace stasis::image {

model::HostFacts read_host_facts() {
  const sys::Machine machine = sys::read_machine();
  const auto vdso = sys::own_vdso();
  return model::HostFacts{.architecture = machine.architecture,
                          .page_size = model::kPageSize,
                          .kernel = machine.kernel,
                          .hostname = machine.hostname,
                          .xfeatures = machine.xfeatures,
                          .xstate_bytes = machine.xstate_bytes,
                          .vdso_hash = XXH3_64bits(vdso.data(), vdso.size()),
                          .vdso_bytes = vdso.size()};
}

}  // namespace stasis::image
