#include "integration/support/container_test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>

#include "integration/support/files.h"
#include "integration/support/give_up.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "/run/test";

// "12 (name) S 1 ..." split after the name, which may hold anything.
std::vector<std::string> stat_fields(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text;
  std::getline(in, text);
  const auto end = text.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(text.substr(end + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

// Every process but init, ourselves, and zombies that init is about to reap.
std::vector<pid_t> other_processes() {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t pid = std::stoi(name);
    if (pid == 1 || pid == getpid()) continue;
    const auto fields = stat_fields(name);
    if (fields.size() < 2 || (fields[0] == "Z" && fields[1] == "1")) continue;
    found.push_back(pid);
  }
  return found;
}

std::string describe_process(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/cmdline", pid));
  std::string text;
  std::getline(in, text);  // leaves it empty when the process ends meanwhile
  std::replace(text.begin(), text.end(), '\0', ' ');
  return fmt::format("pid {}: {}", pid, text);
}

// What was killed goes away on its own: its pidfd tells when it has ended, and its parents, which
// may be ending too, reap it a moment later.
void wait_for_end_of_others(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (auto left = other_processes(); !left.empty(); left = other_processes()) {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (rest.count() <= 0) return;
    const UniqueFd handle(static_cast<int>(syscall(SYS_pidfd_open, left.front(), 0)));
    pollfd waits{handle.get(), POLLIN, 0};
    if (handle) poll(&waits, 1, static_cast<int>(rest.count()));
    std::this_thread::yield();
  }
}

std::vector<std::string> new_ones(const std::vector<std::string>& before,
                                  const std::vector<std::string>& after) {
  std::vector<std::string> left;
  for (const std::string& one : after) {
    if (std::find(before.begin(), before.end(), one) == before.end()) left.push_back(one);
  }
  return left;
}

void unmount_below(const std::string& directory) {
  auto lines = split_lines(read_file("/proc/self/mountinfo"));
  std::reverse(lines.begin(), lines.end());
  for (const std::string& line : lines) {
    std::istringstream in(line);
    std::string field;
    for (int column = 0; column < 5; ++column) in >> field;
    if (field.starts_with(directory + "/")) umount2(field.c_str(), MNT_DETACH);
  }
}

}  // namespace

ContainerTest::ContainerTest() : directory_(kDirectory), hierarchies_(find_hierarchies()) {}

void ContainerTest::SetUp() {
  fs::create_directories(directory_ + "/tmp");
  setenv("TMPDIR", (directory_ + "/tmp").c_str(), 1);
  runtime_ = std::make_unique<Runtime>(directory_);
  before_ = look_around();
}

void ContainerTest::TearDown() {
  std::reverse(ids_.begin(), ids_.end());
  for (const std::string& id : ids_) runtime().run({"delete", "--force", id});
  if (HasFailure()) fmt::print(stderr, "the log:\n{}", runtime().log());

  unmount_below(directory_);
  fs::remove_all(directory_ + "/tmp");
  expect_nothing_left();
  for (const pid_t pid : other_processes()) kill(pid, SIGKILL);
  fs::remove_all(directory_);
}

void ContainerTest::expect_nothing_left() const {
  wait_for_end_of_others(std::chrono::seconds(2));
  const auto root = list_tree(directory_ + "/root");
  EXPECT_THAT(root, testing::IsEmpty()) << "left below --root";
  const Leftovers after = look_around();
  EXPECT_THAT(new_ones(before_.processes, after.processes), testing::IsEmpty()) << "processes left";
  EXPECT_THAT(new_ones(before_.cgroups, after.cgroups), testing::IsEmpty()) << "cgroups left";
  EXPECT_THAT(new_ones(before_.mounts, after.mounts), testing::IsEmpty()) << "mounts left";
  EXPECT_THAT(new_ones(before_.files, after.files), testing::IsEmpty()) << "files left";
}

Leftovers ContainerTest::look_around() const {
  Leftovers found;
  for (const pid_t pid : other_processes()) found.processes.push_back(describe_process(pid));
  found.cgroups = list_cgroups(hierarchies_);
  found.mounts = split_lines(read_file("/proc/self/mountinfo"));
  for (const char* place : {"/run", "/dev/shm"}) {
    for (const std::string& name : list_tree(place)) {
      const std::string path = std::string(place) + "/" + name;
      if (path != directory_ && !path.starts_with(directory_ + "/")) found.files.push_back(path);
    }
  }
  return found;
}

Bundle ContainerTest::make_bundle(const std::string& name) const {
  return Bundle(runtime(), directory_ + "/" + name);
}

Finished ContainerTest::expect_success(const std::vector<std::string>& arguments) const {
  Finished result = runtime().run(arguments);
  EXPECT_EQ(result.status, 0) << arguments.front() << " printed:\n"
                              << result.out << result.err << "the log:\n"
                              << runtime().log();
  return result;
}

void ContainerTest::run_detached(const std::string& id, std::vector<std::string> arguments,
                                 Pipes& stdio) {
  will_delete(id);
  arguments.push_back(id);
  const auto ends = stdio.take_other_ends();
  Program program = runtime().start(arguments, ends);
  EXPECT_EQ(program.wait(), 0) << arguments.front() << " of " << id << " failed; the log:\n"
                               << runtime().log();
}

void ContainerTest::start_container(const std::string& id, const Bundle& bundle, Pipes& stdio) {
  bundle.save();
  run_detached(id, {"run", "--detach", "--bundle", bundle.directory()}, stdio);
}

void ContainerTest::restore_container(const std::string& id, const Bundle& bundle,
                                      const std::string& image, Pipes& stdio,
                                      const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"restore", "--detach", "--image-path",
                                     image,     "--bundle", bundle.directory()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  run_detached(id, arguments, stdio);
}

void ContainerTest::checkpoint_container(const std::string& id, const std::string& image,
                                         const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"checkpoint", "--image-path", image};
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.push_back(id);
  expect_success(arguments);
}

void ContainerTest::delete_container(const std::string& id) { expect_success({"delete", id}); }

void ContainerTest::expect_gone(const std::string& id) const {
  const Finished state = runtime().run({"state", id});
  EXPECT_EQ(state.status, 1);
  EXPECT_EQ(state.err, fmt::format("container '{}' does not exist\n", id));
}

std::string ContainerTest::container_status(const std::string& id) const {
  const Finished state = expect_success({"state", id});
  return nlohmann::json::parse(state.out).value("status", "");
}

pid_t ContainerTest::container_pid(const std::string& id) const {
  const Finished state = expect_success({"state", id});
  return nlohmann::json::parse(state.out).value("pid", -1);
}

}  // namespace stasis::test
