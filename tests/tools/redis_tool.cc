// What scripts/demo needs beside the runtime: a bundle for redis, and clients of the server.
//   redis_tool bundle STASIS DIR SOCKETS    config.json in DIR for redis with SOCKETS at /sockets
//   redis_tool fill SOCKET KEYS             sets KEYS keys
//   redis_tool command SOCKET WORD...       prints the answer
//   redis_tool hammer SOCKET KEY            prints "started"; increments KEY until standard input
//                                           ends, then prints the count and the longest gap in ms
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "integration/support/bundle.h"
#include "integration/support/give_up.h"
#include "integration/support/redis_client.h"
#include "integration/support/redis_hammer.h"

namespace stasis::test {
namespace {

RedisClient connect(const std::string& path) {
  return RedisClient::connect(path, std::chrono::seconds(20));
}

int make_bundle(const std::vector<std::string>& words) {
  if (words.size() != 3) return 64;
  setenv("STASIS_BINARY", words[0].c_str(), 1);
  Bundle bundle(Runtime(words[1]), words[1]);
  bundle.bind_mount(words[2], "/sockets");
  bundle.set_arguments(
      {"redis-server", "--save", "", "--port", "0", "--unixsocket", "/sockets/redis.sock"});
  bundle.save();
  return 0;
}

int hammer(const std::vector<std::string>& words) {
  if (words.size() != 2) return 64;
  RedisHammer client(words[0], words[1]);
  client.start_measuring();
  std::puts("started");
  std::fflush(stdout);
  for (char byte = 0; read(STDIN_FILENO, &byte, 1) > 0;) {
  }
  const double gap = client.longest_gap_ms();
  client.stop();
  std::printf("%ld %.1f %s\n", client.count(), gap, client.is_unbroken() ? "unbroken" : "broken");
  return client.is_unbroken() ? 0 : 1;
}

int run(const std::string& name, const std::vector<std::string>& words) {
  constexpr std::size_t kValueBytes = 64;
  if (name == "bundle") return make_bundle(words);
  if (name == "hammer") return hammer(words);
  if (name == "fill" && words.size() == 2) {
    connect(words[0]).fill(std::atol(words[1].c_str()), kValueBytes);
    return 0;
  }
  if (name == "command" && words.size() >= 2) {
    const auto answer = connect(words[0]).command({words.begin() + 1, words.end()});
    if (!answer) give_up("the server closed the connection");
    std::puts(answer->c_str());
    return 0;
  }
  return 64;
}

}  // namespace
}  // namespace stasis::test

int main(int argc, char** argv) {
  if (argc < 2) return 64;
  return stasis::test::run(argv[1], {argv + 2, argv + argc});
}
