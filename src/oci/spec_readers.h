// The readers of config.json's larger objects, one file each. Used inside src/oci only.
// Readers of smaller objects stand in the .cc that uses them, in this namespace too: templates find
// them by argument-dependent lookup, which does not look into unnamed namespaces.
#pragma once

#include "oci/json_reader.h"
#include "oci/spec.h"

namespace stasis::oci {

Result<void> read_value(const Node& node, Process& into);
Result<void> read_value(const Node& node, IdMapping& into);
Result<void> read_value(const Node& node, Linux& into);
Result<void> read_value(const Node& node, Resources& into);
Result<void> read_value(const Node& node, Seccomp& into);

}  // namespace stasis::oci
