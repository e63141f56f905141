#include "runtime/container_id.h"

#include <algorithm>

namespace stasis::runtime {
namespace {

constexpr std::size_t kLongest = 1024;

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '.';
}

}  // namespace

Result<void> validate_container_id(std::string_view id) {
  if (id.empty()) return fail(ErrorKind::kInvalidArgument, "container id must not be empty");
  if (id.size() > kLongest) {
    return fail(ErrorKind::kInvalidArgument, "container id of {} characters is too long: up to {}",
                id.size(), kLongest);
  }
  if (id == "." || id == ".." || !std::ranges::all_of(id, is_allowed)) {
    return fail(
        ErrorKind::kInvalidArgument,
        "invalid container id '{}': only letters, digits, '_', '+', '-' and '.' are allowed", id);
  }
  return {};
}

}  // namespace stasis::runtime
