// For tests and their tools only: what cannot fail on a working machine, and ends the program with
// one line when it does. Each ctest entry is a process of its own inside a sandbox, so that nothing
// needs to be undone first.
#pragma once

#include <string_view>

#include <fmt/format.h>

namespace stasis::test {

[[noreturn]] void give_up(std::string_view text);
// "TEXT: ENOENT", with the errno of the call that has just failed.
[[noreturn]] void give_up_errno(std::string_view text);

// The result of a call that returns -1 on failure.
template <class T>
T must(T result, std::string_view text) {
  if (result == static_cast<T>(-1)) give_up_errno(text);
  return result;
}

}  // namespace stasis::test
