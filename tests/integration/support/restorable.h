// How far the engine is: the workloads and programs that it saves and restores. The tests of all
// others are skipped and say so; STASIS_TEST_ALL in the environment makes them run.
#pragma once

#include <string>

namespace stasis::test {

bool is_restorable(const std::string& name);

}  // namespace stasis::test

// First in a test or in SetUp.
#define STASIS_NEEDS_RESTORABLE(name) \
  if (!::stasis::test::is_restorable(name)) GTEST_SKIP() << "not restorable yet: " << (name)
