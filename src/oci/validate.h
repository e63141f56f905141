// What config.json means together: rules that no single member can break.
#pragma once

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::oci {

// Everything a container needs to be created. Errors name the member.
Result<void> validate(const Spec& spec);

// The part that also holds for `exec --process`.
Result<void> validate_process(const Process& process);

}  // namespace stasis::oci
