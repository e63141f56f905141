#include "integration/support/restorable.h"

#include <cstdlib>
#include <set>

namespace stasis::test {

bool is_restorable(const std::string& name) {
  static const std::set<std::string> kRestorable = {};
  return kRestorable.contains(name) || std::getenv("STASIS_TEST_ALL") != nullptr;
}

}  // namespace stasis::test
