// What a checkpoint and a restore of redis cost, beside what the memory itself costs on this
// machine in the same run: memcpy and fork of as many bytes. bench/README.md tells how to read the
// table.
//   bench_redis [MIB...]        default: 16 256 1024
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "integration/support/bundle.h"
#include "integration/support/give_up.h"
#include "integration/support/redis_client.h"
#include "integration/support/redis_hammer.h"
#include "integration/support/sandbox.h"
#include "integration/support/stop_watch.h"
#include "integration/support/trees.h"

namespace stasis::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "/run/bench";
constexpr std::chrono::seconds kServerLimit{60};

struct Row {
  long mib = 0;
  double memcpy_ms = 0, fork_ms = 0;       // the limits
  double running_ms = 0, stall_ms = 0;     // checkpoint --leave-running; as the client sees it
  double stopping_ms = 0, restore_ms = 0;  // checkpoint; restore to the first answer
  double image_mib = 0;
};

class Memory {
 public:
  explicit Memory(std::size_t size) : size_(size) {
    void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) give_up_errno("mmap");
    bytes_ = static_cast<char*>(at);
    madvise(at, size, MADV_NOHUGEPAGE);  // as redis asks for
    std::memset(at, 1, size);
  }
  ~Memory() { munmap(bytes_, size_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  char* bytes() const { return bytes_; }

 private:
  std::size_t size_;
  char* bytes_;
};

// The best of three: what the machine can do.
template <class Body>
double best_of_three(Body body) {
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const StopWatch watch;
    body();
    best = std::min(best, watch.milliseconds());
  }
  return best;
}

void measure_limits(Row& row) {
  const std::size_t size = static_cast<std::size_t>(row.mib) << 20;
  const Memory from(size);
  {
    const Memory to(size);
    row.memcpy_ms = best_of_three([&] { std::memcpy(to.bytes(), from.bytes(), size); });
  }
  row.fork_ms = best_of_three([] {
    const pid_t child = must(fork(), "fork");
    if (child == 0) _exit(0);
    must(waitpid(child, nullptr, 0), "waitpid");
  });
}

void check(const Finished& result, const char* what) {
  if (result.status != 0) give_up(fmt::format("{}: {}{}", what, result.out, result.err));
}

class Container {
 public:
  Container() : runtime_(kDirectory), bundle_(runtime_, std::string(kDirectory) + "/bundle") {
    fs::create_directories(sockets());
    bundle_.use_tree(find_tree("redis"));
    bundle_.bind_mount(sockets(), "/sockets");
    bundle_.set_arguments(
        {"redis-server", "--save", "", "--port", "0", "--unixsocket", "/sockets/redis.sock"});
    bundle_.save();
    detached({"run", "--detach", "--bundle", bundle_.directory(), "bench"});
  }
  ~Container() {
    runtime_.run({"delete", "--force", "bench"});
    umount2(bundle_.rootfs().c_str(), MNT_DETACH);
    fs::remove_all(kDirectory);
  }

  std::string socket() const { return sockets() + "/redis.sock"; }
  double checkpoint(const std::string& image, const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments{"checkpoint", "--ext-unix-sk", "--image-path", image};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.push_back("bench");
    const StopWatch watch;
    check(runtime_.run(arguments, {.limit = kServerLimit}), "checkpoint");
    return watch.milliseconds();
  }
  void restore(const std::string& image) const {
    detached(
        {"restore", "--detach", "--image-path", image, "--bundle", bundle_.directory(), "bench"});
  }

 private:
  static std::string sockets() { return std::string(kDirectory) + "/sockets"; }
  void detached(const std::vector<std::string>& arguments) const {
    Pipes pipes;
    Program program = runtime_.start(arguments, pipes.take_other_ends());
    if (program.wait(kServerLimit) != 0) give_up("the runtime failed: " + runtime_.log());
  }
  Runtime runtime_;
  Bundle bundle_;
};

double mib_of(const std::string& image) {
  return static_cast<double>(fs::file_size(image + "/checkpoint.img")) / (1 << 20);
}

Row measure(long mib) {
  Row row{.mib = mib};
  measure_limits(row);
  const Container container;
  constexpr std::size_t kValueBytes = 16'000;
  RedisClient::connect(container.socket(), kServerLimit).fill((mib << 20) / 16'384, kValueBytes);
  const std::string images = std::string(kDirectory) + "/images";
  {
    RedisHammer hammer(container.socket(), "counter");
    hammer.start_measuring();
    row.running_ms = container.checkpoint(images + "/running", {"--leave-running"});
    row.stall_ms = hammer.longest_gap_ms();
    if (!hammer.is_unbroken()) give_up("the client lost its connection");
  }
  row.image_mib = mib_of(images + "/running");
  fs::remove_all(images + "/running");
  row.stopping_ms = container.checkpoint(images + "/stopped", {});
  const StopWatch watch;
  container.restore(images + "/stopped");
  RedisClient::connect(container.socket(), kServerLimit);
  row.restore_ms = watch.milliseconds();
  fs::remove_all(images);
  return row;
}

void print(const Row& row) {
  fmt::print(
      "{:>5} | {:>7.1f} {:>7.1f} | {:>8.1f} {:>8.1f} {:>7.0f}% | {:>8.1f} {:>6.1f}x | "
      "{:>8.1f} {:>6.1f}x | {:>8.1f}\n",
      row.mib, row.memcpy_ms, row.fork_ms, row.running_ms, row.stall_ms,
      100 * row.stall_ms / row.memcpy_ms, row.stopping_ms, row.stopping_ms / row.memcpy_ms,
      row.restore_ms, row.restore_ms / row.memcpy_ms, row.image_mib);
  std::fflush(stdout);
}

int run(const std::vector<long>& sizes) {
  fmt::print(
      "  MiB |  memcpy    fork |  running    stall  of copy | stopping of copy | "
      " restore of copy | image MiB\n");
  for (const long mib : sizes) {
    fs::create_directories(kDirectory);
    print(measure(mib));
  }
  return 0;
}

}  // namespace
}  // namespace stasis::test

int main(int argc, char** argv) {
  std::vector<long> sizes;
  for (int index = 1; index < argc; ++index) sizes.push_back(std::atol(argv[index]));
  if (sizes.empty()) sizes = {16, 256, 1024};
  return stasis::test::run_in_sandbox([&] { return stasis::test::run(sizes); });
}
