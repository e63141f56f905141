// The mount options of config.json, sorted into what the kernel takes in different places.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/mounting.h"

namespace stasis::runtime {

struct Propagation {
  std::uint64_t value = 0;  // MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE
  sys::Recursion recursion = sys::Recursion::kThisMount;
};

struct MountOptions {
  bool bind = false;
  bool remount = false;  // changes the mount that is there
  bool copy_up = false;  // tmpcopyup: begins with what it covers
  sys::Recursion bind_recursion = sys::Recursion::kThisMount;
  // "idmap", "ridmap": owners as a user namespace maps them.
  std::optional<sys::Recursion> id_map;
  sys::MountAttributes attributes;              // "ro", "nosuid" ...: this mount
  sys::MountAttributes recursive_attributes;    // "rro", "rnosuid" ...: all below as well
  std::vector<Propagation> propagation;         // in the order given
  std::vector<sys::MountParameter> parameters;  // what only the file system understands

  bool read_only() const { return (attributes.set & MOUNT_ATTR_RDONLY) != 0; }
  const std::string* find_parameter(std::string_view key) const;
};

// Later options win over earlier ones. What is unknown is a parameter of the file system.
// kUnsupported: what other runtimes take as an option and the specification has elsewhere.
Result<MountOptions> parse_mount_options(const std::vector<std::string>& options);

// "rslave" and the like; nothing for the empty string. kInvalidArgument: unknown.
Result<Propagation> parse_propagation(std::string_view name);

// All options that have a meaning here, for `features`.
std::vector<std::string> known_mount_options();

}  // namespace stasis::runtime
