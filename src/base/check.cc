#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace stasis {

void check_failed(const char* file, int line, const char* sentence) {
  std::fprintf(stderr, "stasis: internal error at %s:%d: %s\n", file, line, sentence);
  std::abort();
}

}  // namespace stasis
