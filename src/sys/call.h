// How wrappers of this folder report: errno is read here and nowhere outside src/sys.
#pragma once

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/result.h"

namespace stasis::sys {

// The Error of the system call that just failed; `text` describes the call and its arguments.
template <class... Args>
Error last_error(fmt::format_string<Args...> text, Args&&... args) {
  const int saved = errno;
  return Error::from_errno(fmt::format(text, std::forward<Args>(args)...), saved);
}

// Repeats `call` while it fails with EINTR.
template <class Call>
auto retry(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace stasis::sys
