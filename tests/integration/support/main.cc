// The main program of every integration test: GoogleTest inside a sandbox.
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>

#include "integration/support/sandbox.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/integration/CMakeLists.txt
  testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
  if (geteuid() != 0) {
    std::puts("skipped: containers need root");
    return kSkipped;
  }
  return stasis::test::run_in_sandbox([] {
    signal(SIGPIPE, SIG_IGN);  // a program that has ended shows in its output and status
    return RUN_ALL_TESTS();
  });
}
