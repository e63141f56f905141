#include "integration/support/give_up.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"

namespace stasis::test {

void give_up(std::string_view text) {
  fmt::print(stderr, "giving up: {}\n", text);
  std::fflush(nullptr);
  _Exit(70);
}

void give_up_errno(std::string_view text) {
  give_up(fmt::format("{}: {}", text, errno_name(errno)));
}

}  // namespace stasis::test
