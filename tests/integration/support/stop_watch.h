// Time that has passed, for what is measured rather than waited for.
#pragma once

#include <chrono>

namespace stasis::test {

class StopWatch {
 public:
  double milliseconds() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_)
        .count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace stasis::test
