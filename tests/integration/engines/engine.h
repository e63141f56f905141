// A container engine as a command with its own directories, below a tmpfs of the sandbox: nothing
// of the host's engines is read or written. Its daemon, if it has one, starts with the suite and
// ends with the sandbox. One ctest entry is one suite here, as a daemon start costs a second.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/support/console.h"
#include "integration/support/program.h"

namespace stasis::test {

using Words = std::vector<std::string>;

class Engine {
 public:
  // `prefix`: the client with its flags; `environment` is added to the test's own.
  Engine(Words prefix, Words environment)
      : prefix_(std::move(prefix)), environment_(std::move(environment)) {}

  Finished run(const Words& arguments, const std::string& input = "") const;
  // What it prints, without the last newline. Anything but status 0 is a failure of the test.
  std::string output(const Words& arguments, const std::string& input = "") const;
  // The client in the background with the test's end of a terminal as its stdio.
  Program start_on(const Console& console, const Words& arguments) const;
  // Asks again until the output is `wanted`; gives up at the limit.
  void wait_for_output(const Words& arguments, const std::string& wanted) const;
  // The same for any answer.
  std::string wait_until(const Words& arguments,
                         const std::function<bool(const std::string&)>& enough) const;

 private:
  Words command(const Words& arguments) const;

  Words prefix_, environment_;
};

// The directory of the engine under test: a tmpfs, made at the first call.
std::string engine_directory();
// A tar file of the root filesystem NAME (scripts/make-rootfs), as `import` commands take it.
std::string tree_as_tar(const std::string& name);
// "tick 12" -> 12: the numbers that a counting container prints. -1: the line is something else.
int tick(const std::string& line);
// A shell that counts: "tick 1", "tick 2", ..., ten a second.
std::string counting_shell();

}  // namespace stasis::test
