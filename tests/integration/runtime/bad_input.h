// The fixture of tests of what commands say to what they cannot do. Nobody deletes a container that
// should not have come to be: what a failure leaves behind is found at the end (ContainerTest).
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "integration/support/busybox_test.h"

namespace stasis::test {

using Words = std::vector<std::string>;

struct BadCase {
  Words words;
  std::string why;  // stands in the one line on standard error
  int status = 1;
};

class BadInput : public BusyboxTest {
 protected:
  // Each fails, with one line that says why, and prints nothing else.
  void expect_refused(const std::vector<BadCase>& cases, const RunOptions& options = {}) const {
    for (const BadCase& one : cases) {
      const Finished finished = runtime().run(one.words, options);
      const std::string shown = testing::PrintToString(one.words);
      EXPECT_EQ(finished.status, one.status) << shown << finished.err;
      EXPECT_EQ(finished.out, "") << shown;
      EXPECT_THAT(finished.err, testing::HasSubstr(one.why)) << shown;
      EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << shown << finished.err;
    }
  }
  // `create` and `run` of the bundle as it is.
  std::vector<BadCase> of_making(const std::string& why, const Words& flags = {},
                                 const std::string& id = "c1") {
    std::vector<BadCase> cases;
    for (Words words : {Words{"create"}, Words{"run", "--detach"}}) {
      words.insert(words.end(), flags.begin(), flags.end());
      words.insert(words.end(), {"--bundle", bundle().directory(), id});
      cases.push_back({words, why});
    }
    return cases;
  }
};

}  // namespace stasis::test
