#include "integration/engines/engine.h"

#include <sys/mount.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

// Clients cost tens of milliseconds each; asking more often would only slow the engine down.
constexpr std::chrono::milliseconds kBetweenQuestions{30};

std::string without_newline(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string join(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

Words Engine::command(const Words& arguments) const {
  Words all = prefix_;
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

Finished Engine::run(const Words& arguments, const std::string& input) const {
  return run_program(command(arguments), {.input = input, .environment = environment_});
}

std::string Engine::output(const Words& arguments, const std::string& input) const {
  const Finished finished = run(arguments, input);
  EXPECT_EQ(finished.status, 0) << join(arguments) << "\n" << finished.out << finished.err;
  return without_newline(finished.out);
}

Program Engine::start_on(const Console& console, const Words& arguments) const {
  const Pipes::OtherEnds ends{console.open_slave(), console.open_slave(), console.open_slave()};
  return Program(command(arguments), {.environment = environment_}, ends);
}

std::string Engine::wait_until(const Words& arguments,
                               const std::function<bool(const std::string&)>& enough) const {
  const auto deadline = std::chrono::steady_clock::now() + kLimit;
  while (true) {
    const Finished finished = run(arguments);
    const std::string text = without_newline(finished.out);
    if (finished.status == 0 && enough(text)) return text;
    if (std::chrono::steady_clock::now() > deadline) {
      give_up(fmt::format("'{}' still says (status {}):\n{}\n{}", join(arguments), finished.status,
                          finished.out, finished.err));
    }
    std::this_thread::sleep_for(kBetweenQuestions);
  }
}

void Engine::wait_for_output(const Words& arguments, const std::string& wanted) const {
  wait_until(arguments, [&](const std::string& text) { return text == wanted; });
}

std::string engine_directory() {
  static const std::string directory = [] {
    const std::string path = "/run/engine";
    std::filesystem::create_directories(path);
    must(mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID, "mode=0755"), "mounting " + path);
    return path;
  }();
  return directory;
}

std::string tree_as_tar(const std::string& name) {
  const std::string file = engine_directory() + "/" + name + ".tar";
  if (!exists(file)) {
    const Finished tar = run_program({"tar", "-C", find_tree(name), "-cf", file, "."});
    if (tar.status != 0) give_up("tar: " + tar.err);
  }
  return file;
}

int tick(const std::string& line) {
  return line.starts_with("tick ") ? std::atoi(line.c_str() + 5) : -1;
}

std::string counting_shell() {
  return "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.1; done";
}

}  // namespace stasis::test
