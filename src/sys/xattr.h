// Extended attributes (xattr(7)): llistxattr(2) and friends, by path. A symbolic link at the end of
// the path is followed, as /proc/self/fd/N is one. EOPNOTSUPP (kUnsupported): the file system, or
// this kernel for this file system, has no attributes of that class. EPERM: trusted. and security.
// attributes need CAP_SYS_ADMIN in the initial user namespace.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace stasis::sys {

// Names, sorted; none where the file system has no attributes at all.
Result<std::vector<std::string>> list_xattrs(const std::string& path);
Result<std::vector<std::uint8_t>> get_xattr(const std::string& path, const std::string& name);
Result<void> set_xattr(const std::string& path, const std::string& name,
                       std::span<const std::uint8_t> value);

}  // namespace stasis::sys
