#include "sys/xattr.h"

#include <sys/types.h>
#include <sys/xattr.h>

#include <algorithm>

#include "sys/call.h"

namespace stasis::sys {
namespace {

// Calls `get(data, size)` until the room suffices; -1 on failure, with errno.
template <class Buffer, class Get>
ssize_t read_growing(Buffer& buffer, Get get) {
  while (true) {
    const ssize_t needed = get(nullptr, 0);
    if (needed <= 0) {
      buffer.clear();
      return needed;
    }
    buffer.resize(static_cast<std::size_t>(needed));
    const ssize_t got = get(buffer.data(), buffer.size());
    if (got >= 0) buffer.resize(static_cast<std::size_t>(got));
    if (got >= 0 || errno != ERANGE) return got;
  }
}

}  // namespace

Result<std::vector<std::string>> list_xattrs(const std::string& path) {
  std::string text;
  const ssize_t got = read_growing(
      text, [&](char* data, std::size_t size) { return ::listxattr(path.c_str(), data, size); });
  std::vector<std::string> names;
  if (got < 0 && errno != EOPNOTSUPP) return last_error("listxattr '{}'", path);
  for (std::size_t at = 0; got > 0 && at < text.size();) {
    names.emplace_back(text.c_str() + at);
    at += names.back().size() + 1;
  }
  std::ranges::sort(names);
  return names;
}

Result<std::vector<std::uint8_t>> get_xattr(const std::string& path, const std::string& name) {
  std::vector<std::uint8_t> value;
  const ssize_t got = read_growing(value, [&](std::uint8_t* data, std::size_t size) {
    return ::getxattr(path.c_str(), name.c_str(), data, size);
  });
  if (got < 0) return last_error("getxattr '{}' of '{}'", name, path);
  return value;
}

Result<void> set_xattr(const std::string& path, const std::string& name,
                       std::span<const std::uint8_t> value) {
  if (::setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) != 0) {
    return last_error("setxattr '{}' of '{}'", name, path);
  }
  return {};
}

}  // namespace stasis::sys
