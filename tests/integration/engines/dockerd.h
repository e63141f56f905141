// dockerd, and the containerd that it starts, with stasis as a runtime.
#pragma once

#include "integration/engines/engine.h"

namespace stasis::test {

// The fixture of suites that share one daemon: started before the first test, images imported.
// Containers are removed after each test; that nothing of them is left is checked.
class DockerTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  void TearDown() override;

  static const Engine& docker();
  // `docker run --runtime stasis ARGUMENTS`.
  static Finished docker_run(Words arguments, const std::string& input = "");
  // The same, which must succeed; what was printed.
  static std::string docker_run_output(Words arguments);
  // `docker run --rm IMAGE sh -c SCRIPT` with flags.
  static std::string in_shell(Words flags, const std::string& script);
  // `docker run --detach --name NAME FLAGS IMAGE COMMAND`.
  static void start(const std::string& name, Words flags, const Words& command);
  static std::string inspect(const std::string& name, const std::string& format);
  // Waits until `docker logs` ends with a later tick than `after`; the newest.
  static int wait_for_tick_after(const std::string& name, int after);
  static std::vector<int> ticks_of(const std::string& name);

  static constexpr const char* kImage = "busybox";
};

// The socket of dockerd's containerd.
std::string containerd_socket();
// Starts the daemon of this process, once, and imports the image.
const Engine& start_dockerd();

}  // namespace stasis::test
