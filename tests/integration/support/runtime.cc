#include "integration/support/runtime.h"

#include <cstdlib>

#include "integration/support/files.h"

namespace stasis::test {

Runtime::Runtime(std::string directory) : directory_(std::move(directory)) {}

std::string Runtime::binary() {
  const char* given = std::getenv("STASIS_BINARY");
  return given != nullptr ? given : built("stasis");
}

std::string Runtime::built(const std::string& name) { return STASIS_BIN_DIR "/" + name; }

std::vector<std::string> Runtime::command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all{binary(), "--root", directory_ + "/root", "--log",
                               directory_ + "/log"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Finished Runtime::run(const std::vector<std::string>& arguments, const RunOptions& options) const {
  return run_program(command(arguments), options);
}

Program Runtime::start(const std::vector<std::string>& arguments, const Pipes::OtherEnds& stdio,
                       const RunOptions& options) const {
  return Program(command(arguments), options, stdio);
}

std::string Runtime::log() const {
  return exists(directory_ + "/log") ? read_file(directory_ + "/log") : "";
}

}  // namespace stasis::test
