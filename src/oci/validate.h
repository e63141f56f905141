// What config.json means together: rules that no single member can break.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::oci {

// Everything a container needs to be created. Errors name the member.
Result<void> validate(const Spec& spec);

// The part that also holds for `exec --process`.
Result<void> validate_process(const Process& process);

// The namespace that a sysctl belongs to; nothing when it is not namespaced ("kernel.panic").
std::optional<NamespaceKind> namespace_of_sysctl(std::string_view name);

}  // namespace stasis::oci
