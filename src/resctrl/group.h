// The groups of the resctrl file system that a container's processes are in: its class of service,
// with what the processes have of caches and of memory bandwidth (Intel RDT, AMD QoS), and inside
// of that a group that measures what they use. New processes are in the groups of their parents.
// Documentation/arch/x86/resctrl.rst, runtime-spec config-linux.md "IntelRdt".
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "oci/spec.h"
#include "oci/state.h"

namespace stasis::resctrl {

// Where the kernel's documentation has it mounted, and the only place that is searched.
inline constexpr const char* kRoot = "/sys/fs/resctrl";

// Which groups container `id` will have; makes nothing. kUnsupported: nothing is mounted at `root`,
// or the machine cannot measure what is asked for. kNotFound: a class without values of its own
// that is not there. kConflict: it has other values than those wanted, or the container's own name
// is in use.
Result<oci::ResctrlGroup> plan_group(const std::string& root, const std::string& id,
                                     const oci::IntelRdt& wanted);

// Makes what is not there, and writes the values into a class that it made. Undoes all of it when
// something fails.
Result<void> make_group(const std::string& root, const oci::ResctrlGroup& group,
                        const oci::IntelRdt& wanted);

// Other values for the container's class, whoever made it (`update`).
Result<void> write_values(const std::string& root, const oci::ResctrlGroup& group,
                          const oci::IntelRdt& wanted);

// The process, and those that it will make; nothing to do for a container without groups.
Result<void> add_process(const std::optional<oci::ResctrlGroup>& group, HostPid pid);

// Removes what this container made; a class with a name of its own (closID) only when no process is
// in it, for others may have joined it. What is gone already is passed over.
Result<void> remove_group(const oci::ResctrlGroup& group);

}  // namespace stasis::resctrl
