// Result<T>: a value or an Error. Every fallible function returns one; none may be ignored.
//
//   STASIS_ASSIGN(auto maps, proc::read_maps(dir));          // declares maps, or returns the error
//   STASIS_TRY(courier.run(batch));                          // only success matters
//   return fail(ErrorKind::kUnsupported, "no {} here", x);   // makes an error
//   STASIS_TRY(open(p).context("reading the image"));        // adds a frame on failure
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <tl/expected.hpp>

#include "base/error.h"

namespace stasis {

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result() requires(std::is_void_v<T> || std::is_default_constructible_v<T>) = default;
  Result(Base base) : Base(std::move(base)) {}                             // NOLINT: by design
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}            // NOLINT: by design

  // Adds a frame to the error, if there is one.
  Result context(std::string_view frame) && {
    if (this->has_value()) return std::move(*this);
    return Result(std::move(this->error()).context(frame));
  }
};

template <class... Args>
Error fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  return Error(kind, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace stasis

#define STASIS_CONCAT_INNER(a, b) a##b
#define STASIS_CONCAT(a, b) STASIS_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function, if it has one.
#define STASIS_TRY(...)                                                    \
  do {                                                                     \
    if (auto stasis_try = (__VA_ARGS__); !stasis_try.has_value())          \
      return std::move(stasis_try.error());                                \
  } while (false)

// STASIS_ASSIGN(auto name, expression): declares or assigns the value, or returns the error.
#define STASIS_ASSIGN(declaration, ...) \
  STASIS_ASSIGN_INNER(STASIS_CONCAT(stasis_result_, __LINE__), declaration, __VA_ARGS__)
#define STASIS_ASSIGN_INNER(temporary, declaration, ...)     \
  auto temporary = (__VA_ARGS__);                            \
  if (!temporary.has_value()) return std::move(temporary.error()); \
  declaration = std::move(*temporary)
