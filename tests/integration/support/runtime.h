// The runtime under test as a command: the built stasis, or what STASIS_BINARY names (any runtime
// with runc's command line will do where nothing is checkpointed).
#pragma once

#include <string>
#include <vector>

#include "integration/support/program.h"

namespace stasis::test {

class Runtime {
 public:
  // State goes to DIR/root, the log to DIR/log.
  explicit Runtime(std::string directory);

  // "stasis --root ... --log ... ARGUMENTS", to its end.
  Finished run(const std::vector<std::string>& arguments, const RunOptions& options = {}) const;
  // The same in the background.
  Program start(const std::vector<std::string>& arguments, const Pipes::OtherEnds& stdio,
                const RunOptions& options = {}) const;
  std::string log() const;
  static std::string binary();
  // A program that was built with the tests.
  static std::string built(const std::string& name);

 private:
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  std::string directory_;
};

}  // namespace stasis::test
