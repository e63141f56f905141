// STASIS_CHECK(condition, "sentence"): our own invariants only, on in every build. What the kernel
// or an image says is never checked with it: that gives an Error.
#pragma once

namespace stasis {
[[noreturn]] void check_failed(const char* file, int line, const char* sentence);
}  // namespace stasis

#define STASIS_CHECK(condition, sentence)                                       \
  do {                                                                          \
    if (!(condition)) ::stasis::check_failed(__FILE__, __LINE__, sentence);     \
  } while (false)
