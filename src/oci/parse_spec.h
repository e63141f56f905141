// config.json text to oci::Spec. Structure and types are checked here, meaning in oci/validate.h.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::oci {

// Errors name the line of broken JSON or the path of the member ("process.args[0]: expected a
// string, found a number"). Unknown members of process, root, mounts and linux are refused: passing
// one over could mean less isolation than was asked for.
Result<Spec> parse_spec(std::string_view text);

// What `exec --process` takes: the "process" object alone.
Result<Process> parse_process(std::string_view text);

// What `update -r` takes: the "linux.resources" object alone.
Result<Resources> parse_resources(std::string_view text);

}  // namespace stasis::oci
