#include "integration/engines/dockerd.h"

#include <filesystem>

#include "integration/support/files.h"
#include "integration/support/give_up.h"
#include "integration/support/runtime.h"

namespace stasis::test {
namespace {

// Debian's own client, whatever else the PATH has.
constexpr const char* kClient = "/usr/bin/docker";
constexpr const char* kDaemon = "/usr/sbin/dockerd";

std::string in_directory(const std::string& name) { return engine_directory() + "/" + name; }

// Never ends by itself: the daemon is of the sandbox, which kills it.
void launch_daemon() {
  if (!exists(kDaemon)) give_up("no dockerd; run: scripts/setup --engines");
  write_file(in_directory("daemon.json"), "{}");
  write_file(in_directory("dockerd.log"), "");
  static const Program daemon = [] {
    Pipes pipes;
    return Program({"/bin/sh", "-c", "exec \"$@\" >>\"$0\" 2>&1", in_directory("dockerd.log"),
                    kDaemon, "--config-file", in_directory("daemon.json"), "--data-root",
                    in_directory("data"), "--exec-root", in_directory("exec"), "--pidfile",
                    in_directory("pid"), "--host", "unix://" + in_directory("docker.sock"),
                    "--experimental", "--add-runtime", "stasis=" + Runtime::binary()},
                   {}, pipes.take_other_ends());
  }();
}

Words running_states() {
  const std::string states = in_directory("exec/runtime-runc/moby");
  return exists(states) ? list_tree(states) : Words{};
}

Words docker_cgroups() {
  Words found;
  std::error_code none;
  for (const auto& hierarchy : std::filesystem::directory_iterator("/sys/fs/cgroup", none)) {
    for (const auto& one : std::filesystem::directory_iterator(hierarchy.path() / "docker", none)) {
      if (one.is_directory(none)) found.push_back(one.path());
    }
  }
  return found;
}

}  // namespace

std::string containerd_socket() { return in_directory("exec/containerd/containerd.sock"); }

const Engine& start_dockerd() {
  static const Engine client = [] {
    launch_daemon();
    Engine engine({kClient, "--host", "unix://" + in_directory("docker.sock"), "--config",
                   in_directory("client")},
                  {});
    engine.wait_until({"version", "--format", "{{.Server.Version}}"},
                      [](const std::string& version) { return !version.empty(); });
    engine.output({"import", tree_as_tar("busybox"), "busybox"});
    return engine;
  }();
  return client;
}

void DockerTest::SetUpTestSuite() { start_dockerd(); }

const Engine& DockerTest::docker() { return start_dockerd(); }

void DockerTest::TearDown() {
  const std::string all = docker().output({"ps", "--all", "--quiet"});
  Words remove{"rm", "--force"};
  for (const std::string& id : split_lines(all)) remove.push_back(id);
  if (remove.size() > 2) docker().output(remove);
  EXPECT_EQ(running_states(), Words{}) << "state of the runtime is left";
  EXPECT_EQ(docker_cgroups(), Words{}) << "cgroups are left";
  if (HasFailure()) std::puts(read_file(in_directory("dockerd.log")).c_str());
}

Finished DockerTest::docker_run(Words arguments, const std::string& input) {
  arguments.insert(arguments.begin(), {"run", "--runtime", "stasis"});
  return docker().run(arguments, input);
}

std::string DockerTest::docker_run_output(Words arguments) {
  arguments.insert(arguments.begin(), {"run", "--runtime", "stasis"});
  return docker().output(arguments);
}

std::string DockerTest::in_shell(Words flags, const std::string& script) {
  flags.insert(flags.begin(), "--rm");
  flags.insert(flags.end(), {kImage, "sh", "-c", script});
  return docker_run_output(flags);
}

void DockerTest::start(const std::string& name, Words flags, const Words& command) {
  flags.insert(flags.begin(), {"--detach", "--name", name});
  flags.push_back(kImage);
  flags.insert(flags.end(), command.begin(), command.end());
  docker_run_output(flags);
}

std::string DockerTest::inspect(const std::string& name, const std::string& format) {
  return docker().output({"inspect", "--format", format, name});
}

int DockerTest::wait_for_tick_after(const std::string& name, int after) {
  return tick(docker().wait_until({"logs", "--tail", "1", name},
                                  [&](const std::string& last) { return tick(last) > after; }));
}

std::vector<int> DockerTest::ticks_of(const std::string& name) {
  std::vector<int> ticks;
  for (const std::string& line : split_lines(docker().output({"logs", name})))
    ticks.push_back(tick(line));
  return ticks;
}

}  // namespace stasis::test
