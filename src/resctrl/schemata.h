// Lines of a resctrl group's `schemata` file, "L3:0=7f0;1=1f": for each cache, by its id, what part
// of it or of its memory bandwidth a group has (Documentation/arch/x86/resctrl.rst). Pure: nothing
// here asks the kernel.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/spec.h"

namespace stasis::resctrl {

// The lines that config.json asks for, in the order in which they are to be written. Those of
// memory bandwidth come from memBwSchema when that is there. kInvalidArgument names the member.
Result<std::vector<std::string>> plan_schemata(const oci::IntelRdt& wanted);

// A line of plan_schemata's whose values are not those in `text`, a `schemata` file: the kernel
// pads its numbers and names caches that the line does not. "" when there is none.
std::string find_mismatch(const std::vector<std::string>& lines, std::string_view text);

// The line of a resource ("L3") without the kernel's padding; "" without one.
std::string line_of(std::string_view text, std::string_view resource);

}  // namespace stasis::resctrl
